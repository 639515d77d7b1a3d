"""Asks DuckDB what the program asked of its engine, and compares the answers to the bit.

    python portable.py LAKE_CLEAN MARTS_DIR ANSWERS_DIR AUDITS_DIR

ANSWERS_DIR holds the queries of each mart, `<mart>.<number>.sql`, and the program's answers, `.parquet` beside them. Row
by row in the order asked for, all columns are the same and all values equal; what is no whole number there must be that
very number. AUDITS_DIR holds `*.sql`, which find nothing over the published marts. Exits 1 on any difference.
"""

import argparse
import sys
from pathlib import Path

import duckdb

WHOLE = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"]
MOST_SHOWN = 20


def same(expected, got):
    """Equal and of one type."""
    return type(expected) is type(got) and expected == got


def differences(db, answer, sql):
    """Every difference between the answer of DuckDB and that of the program, in words."""
    second = db.sql(sql)
    first = db.read_parquet(str(answer))
    if second.columns != first.columns:
        return [f"columns: {second.columns}, in the answer {first.columns}"]
    types = [str(column_type) for column_type in first.types]
    found = []
    for column, wanted, computed in zip(first.columns, types, second.types):
        if wanted in WHOLE and str(computed) not in WHOLE:
            found.append(f"{column}: {wanted} in the answer, computed as {computed}")
    expected, got = second.fetchall(), first.fetchall()
    if len(expected) != len(got):
        found.append(f"{len(expected)} rows, in the answer {len(got)}")
    for number, (wanted, row) in enumerate(zip(expected, got), start=1):
        for column, a, b in zip(first.columns, wanted, row):
            if not same(a, b):
                found.append(f"row {number} {column}: {a!r}, in the answer {b!r}")
    return found


def main():
    """Reads the arguments, prints the differences."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("lake_clean", type=Path)
    arguments.add_argument("marts_dir", type=Path)
    arguments.add_argument("answers_dir", type=Path)
    arguments.add_argument("audits_dir", type=Path)
    given = arguments.parse_args()

    db = duckdb.connect()
    for path in sorted(given.lake_clean.glob("*.parquet")):
        db.read_parquet(str(path)).create_view(path.stem)
    queries = sorted(given.answers_dir.glob("*.sql"))
    audits = sorted(given.audits_dir.glob("*.sql"))
    failed = not queries or not audits
    for query in queries:
        answer = query.with_suffix(".parquet")
        found = differences(db, answer, query.read_text(encoding="utf-8"))
        failed |= bool(found)
        rows = len(db.read_parquet(str(answer)).fetchall())
        print(f"{query.stem}: {len(found)} differences" if found else f"{query.stem}: {rows} rows equal")
        for line in found[:MOST_SHOWN]:
            print(f"  {query.stem} {line}")
    # Only then: a mart would stand in for a CTE of the same name.
    for path in sorted(given.marts_dir.glob("*.parquet")):
        db.read_parquet(str(path)).create_view(path.stem)
    for audit in audits:
        rows = db.sql(audit.read_text(encoding="utf-8")).fetchall()
        failed |= bool(rows)
        print(f"{audit.stem}: {len(rows)} rows")
        for row in rows[:MOST_SHOWN]:
            print(f"  {audit.stem} {row}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
