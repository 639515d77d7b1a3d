"""Reads mail as another program would: the standard library's parser.

usage: mail.py FILE…

Prints a JSON list: of each mail who it is from and to, subject, date, identifier, text, and for each attachment its name,
type and SHA-256.
"""

import email
import email.policy
import hashlib
import json
import sys


def described(path: str) -> dict:
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    assert not mail.defects, mail.defects
    body = mail.get_body(("plain",))
    files = [
        {
            "name": part.get_filename(),
            "type": part.get_content_type(),
            "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest(),
        }
        for part in mail.iter_attachments()
    ]
    heads = {name: str(mail[name]) for name in ("from", "to", "subject", "date", "message-id")}
    assert mail["date"].datetime.tzinfo is not None
    others = [name for name in mail.keys() if name.lower() in ("cc", "bcc", "reply-to")]
    assert not others, others
    return heads | {"text": body.get_content().replace("\r\n", "\n"), "files": files}


print(json.dumps([described(path) for path in sys.argv[1:]]))
