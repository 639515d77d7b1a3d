"""Compares the marts of a peer with the program's, cell by cell; exits 1 on any difference.

    python cells.py YEKUO_MARTS PEER_MARTS MART...

Every column that the peer has is compared. Prints one line of JSON for each mart to standard output: which columns, how
many cells, and which columns of the program the peer does not have; differences go to standard error.
"""

import argparse
import json
import math
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import duckdb

MARTS = Path(__file__).resolve().parents[1] / "pipelines" / "marts"
MOST_SHOWN = 20
# Sums of floating-point numbers depend on their order; counts and days are whole numbers, and must be equal.
TOLERANCE = 1e-9
# An event log knows nothing of what comes before its first event and after its last.
ROWS = {
    "flow": "from_stage is not null and to_stage is not null",
    "variant": "variant is not null",
}


class Difference(NamedTuple):
    """A cell that is not the same."""

    mart: str
    key: tuple
    column: str
    yekuo: object
    peer: object

    def __str__(self):
        key = ", ".join(str(part) for part in self.key)
        return f"{self.mart} ({key}) {self.column}: yekuo {self.yekuo!r}, peer {self.peer!r}"


def grains():
    """The columns that identify a row, by mart."""
    found = {}
    for path in MARTS.glob("*.toml"):
        with open(path, "rb") as file:
            mart = tomllib.load(file)
        for grain in mart.get("grains", [{"name": path.stem} | mart]):
            found[grain["name"]] = grain["grain"]
    return found


def comparable(value):
    """A date and a time at midnight are the same day; NaN is what pandas writes for nothing."""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def same(yekuo, peer):
    """Equal; floating-point numbers within 1e-9, relative or absolute."""
    numbers = (int, float)
    if isinstance(yekuo, numbers) and isinstance(peer, numbers):
        return abs(yekuo - peer) <= TOLERANCE * max(1.0, abs(yekuo))
    return yekuo == peer


def rows_by_key(path, mart, grain):
    """The columns of a mart, and its rows as dicts by key."""
    where = ROWS.get(mart, "true")
    result = duckdb.sql(f"select * from read_parquet($path) where {where}", params={"path": str(path)})
    rows = {}
    for values in result.fetchall():
        row = {column: comparable(value) for column, value in zip(result.columns, values)}
        key = tuple(row[column] for column in grain)
        if key in rows:
            sys.exit(f"{path}: {key} comes twice")
        rows[key] = row
    return result.columns, rows


def compared(mart, grain, yekuo, peer):
    """What was compared of a mart, and every difference."""
    our_columns, ours = rows_by_key(yekuo / f"{mart}.parquet", mart, grain)
    columns, theirs = rows_by_key(peer / f"{mart}.parquet", mart, grain)
    found = [Difference(mart, (), column, "no column", "a column") for column in columns if column not in our_columns]
    shared = [column for column in columns if column in our_columns]
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if key not in ours or key not in theirs:
            found.append(Difference(mart, key, "(row)", key in ours, key in theirs))
            continue
        cells = [Difference(mart, key, column, ours[key][column], theirs[key][column]) for column in shared]
        found += [cell for cell in cells if not same(cell.yekuo, cell.peer)]
    report = {
        "mart": mart,
        "columns": shared,
        "cells": len(theirs) * len(shared),
        "only_yekuo": [column for column in our_columns if column not in columns],
    }
    return report, found


def main():
    """Reads the arguments, prints what was compared and where it differs."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("yekuo", type=Path)
    arguments.add_argument("peer", type=Path)
    arguments.add_argument("marts", nargs="+")
    given = arguments.parse_args()

    grain_of = grains()
    any_difference = False
    for mart in given.marts:
        report, found = compared(mart, grain_of[mart], given.yekuo, given.peer)
        any_difference |= bool(found)
        print(json.dumps(report))
        for difference in found[:MOST_SHOWN]:
            print(difference, file=sys.stderr)
        if len(found) > MOST_SHOWN:
            print(f"… and {len(found) - MOST_SHOWN} more", file=sys.stderr)
    sys.exit(1 if any_difference else 0)


if __name__ == "__main__":
    main()
