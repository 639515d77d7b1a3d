"""A server that encrypts, in front of one on this machine that does not.

usage: encrypted.py CERTIFICATE KEY PORT [starttls]

Prints the port that it listens on. With `starttls` it greets as a mail server and encrypts when it is told to.
"""

import asyncio
import ssl
import sys

CERTIFICATE, KEY, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
STARTTLS = "starttls" in sys.argv


async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()
    except OSError:
        pass


async def greeted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
    writer.write(b"220 here ESMTP\r\n")
    while not (line := (await reader.readline()).upper()).startswith(b"STARTTLS"):
        assert line and not line.startswith((b"AUTH", b"MAIL")), line
        writer.write(b"250-here\r\n250 STARTTLS\r\n")
    writer.write(b"220 go on\r\n")
    await writer.drain()
    await writer.start_tls(context)


async def main() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if STARTTLS:
                await greeted(reader, writer, context)
            behind = await asyncio.open_connection("127.0.0.1", PORT)
            if STARTTLS:
                await behind[0].readline()
            await asyncio.gather(passed(reader, behind[1]), passed(behind[0], writer))
        except (OSError, AssertionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=None if STARTTLS else context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
