"""Compares the program's marts with the oracle's, cell by cell; exits 1 on any difference.

    python compare.py ORACLE_DIR MARTS_DIR [CLEAN_DIR]

ORACLE_DIR holds what oracle.py, oracle_service.py or oracle_flow.py wrote, or several; CLEAN_DIR the clean tables, of
which oracle_flow.py writes two. Managers whose scores are the same to 1e-9 may
be ranked apart by floating-point numbers: there the rank, and from there on the months at the bottom, may differ.
"""

import argparse
import csv
import sys
from pathlib import Path

import duckdb

import oracle
import oracle_dealings
import oracle_flow
import oracle_service
import oracle_todo

MARTS = oracle.MARTS | oracle_service.MARTS | oracle_flow.MARTS | oracle_dealings.MARTS | oracle_todo.MARTS
MOST_SHOWN = 20
TOLERANCE = 1e-9


def cell(column, value):
    """A value as None, a number or text, whichever file it came from."""
    if value is None or value == "":
        return None
    if column.endswith("_id"):
        return str(value)
    if column in ("month", "expected_month", "listed_month") or column.endswith("_on"):
        return str(value)[:10]
    if column == "voltage_kv":
        return float(value)
    if isinstance(value, bool):
        return value
    if value in ("True", "False"):
        return value == "True"
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def same(expected, got):
    """Equal, numbers within 1e-9 relative or absolute."""
    if isinstance(expected, float) and isinstance(got, float):
        return abs(expected - got) <= TOLERANCE * max(1.0, abs(expected))
    return expected == got


def by_key(mart, columns, rows, complain):
    """Rows as dicts by grain key; complains of a key that comes twice."""
    found = {}
    for row in rows:
        row = {column: cell(column, value) for column, value in zip(columns, row)}
        key = tuple(row.get(column) for column in MARTS[mart][0])
        if key in found:
            complain(key, "(row)", "once", "twice")
        found[key] = row
    return found


def is_tied(rows, key):
    """Is the manager's score another's of the same month?"""
    score = rows[key]["score"]
    others = [row["score"] for other_key, row in rows.items() if other_key[0] == key[0] and other_key != key]
    return score is not None and any(abs(score - other) <= TOLERANCE for other in others)


def differences(mart, oracle_dir, folders):
    """Every (key, column, expected, got) in which one mart differs."""
    found = []
    complain = lambda *difference: found.append(difference)

    with open(oracle_dir / f"{mart}.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    expected = by_key(mart, header, rows, complain)

    path = next((folder / f"{mart}.parquet" for folder in folders if (folder / f"{mart}.parquet").exists()), None)
    if path is None:
        if expected:
            complain("-", "(file)", f"{len(expected)} rows", "no file")
        return found
    result = duckdb.sql("select * from read_parquet($path)", params={"path": str(path)})
    for column in header:
        if column not in result.columns:
            complain("-", column, "a column", "none")
    got = by_key(mart, result.columns, result.fetchall(), complain)

    ranked_apart = set()
    for key in sorted(expected.keys() | got.keys(), key=str):
        if key not in got:
            complain(key, "(row)", "a row", "none")
        elif key not in expected:
            complain(key, "(row)", "none", "a row")
        else:
            for column in header:
                if column not in result.columns or same(expected[key][column], got[key][column]):
                    continue
                if (mart, column) == ("manager", "rank") and is_tied(expected, key):
                    ranked_apart.add(key[-1])
                elif column not in ("months_at_bottom", "review") or key[-1] not in ranked_apart:
                    complain(key, column, expected[key][column], got[key][column])
    return found


def main():
    """Reads the arguments, prints the differences."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("oracle_dir", type=Path)
    arguments.add_argument("folders", type=Path, nargs="+", help="the marts, and the clean tables")
    given = arguments.parse_args()

    any_difference = False
    written = [mart for mart in MARTS if (given.oracle_dir / f"{mart}.csv").exists()]
    if not written:
        sys.exit(f"no mart of the oracle in {given.oracle_dir}")
    for mart in written:
        found = differences(mart, given.oracle_dir, given.folders)
        any_difference |= bool(found)
        print(f"{mart}: {len(found)} differences" if found else f"{mart}: equal")
        for key, column, expected, got in found[:MOST_SHOWN]:
            print(f"  {mart} {key} {column}: expected {expected!r}, got {got!r}")
        if len(found) > MOST_SHOWN:
            print(f"  … and {len(found) - MOST_SHOWN} more")
    sys.exit(1 if any_difference else 0)


if __name__ == "__main__":
    main()
