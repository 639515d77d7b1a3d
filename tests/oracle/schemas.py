"""Validates TOML files against the JSON schemas that they name: a list of pairs, file and schema.

A key that there is not must be an error to each schema, or it would accept anything."""

import json
import sys
import tomllib

import jsonschema

faults = []
for file, schema in json.load(open(sys.argv[1], encoding="utf-8")):
    with open(schema, encoding="utf-8") as opened:
        validator = jsonschema.Draft7Validator(json.load(opened))
    with open(file, "rb") as opened:
        # Dates are texts to a schema.
        content = json.loads(json.dumps(tomllib.load(opened), default=str))
    if validator.is_valid({**content, "no_such_key": 0}):
        faults.append(f"{schema}: accepts `no_such_key`")
    for error in validator.iter_errors(content):
        faults.append(f"{file}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
print("\n".join(faults), file=sys.stderr)
sys.exit(1 if faults else 0)
