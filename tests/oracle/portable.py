"""Runs the marts' and audits' SQL unchanged in DuckDB, and compares it with the program's marts, cell by cell.

    python portable.py LAKE_CLEAN MARTS_DIR CASES_DIR SQL_DIR

SQL_DIR holds `marts/*.sql` and `audits/*.sql`. A mart that has a file in CASES_DIR is estimated: its SQL gives the cases
of that file, and no mart. Row by row in the published order: the same columns, the same
whole numbers and texts, other numbers within 1e-9; an audit returns no rows. Exits 1 on any difference.
"""

import argparse
import sys
from pathlib import Path

import duckdb

WHOLE = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"]
MOST_SHOWN = 20
TOLERANCE = 1e-9


def same(column_type, expected, got):
    """Equal; numbers that are no whole ones within 1e-9, relative to the larger where that is above 1."""
    if expected is None or got is None:
        return expected is got
    if column_type == "DOUBLE":
        expected, got = float(expected), float(got)
        return abs(expected - got) <= TOLERANCE * max(1.0, abs(expected), abs(got))
    return type(expected) is type(got) and expected == got


def differences(db, published, sql):
    """Every difference between one SQL text in DuckDB and what the program made of it, in words."""
    second = db.sql(sql)
    first = db.sql(f'select * from "{published}"')
    if second.columns != first.columns:
        return [f"columns: {second.columns}, published {first.columns}"]
    types = [str(column_type) for column_type in first.types]
    found = []
    for column, wanted, computed in zip(first.columns, types, second.types):
        if wanted == "BIGINT" and str(computed) not in WHOLE:
            found.append(f"{column}: published as {wanted}, computed as {computed}")
    expected, got = second.fetchall(), first.fetchall()
    if len(expected) != len(got):
        found.append(f"{len(expected)} rows, published {len(got)}")
    for number, (wanted, row) in enumerate(zip(expected, got), start=1):
        for column, column_type, a, b in zip(first.columns, types, wanted, row):
            if not same(column_type, a, b):
                found.append(f"row {number} {column}: {a!r}, published {b!r}")
    return found


def main():
    """Reads the arguments, prints the differences."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("lake_clean", type=Path)
    arguments.add_argument("marts_dir", type=Path)
    arguments.add_argument("cases_dir", type=Path)
    arguments.add_argument("sql_dir", type=Path)
    given = arguments.parse_args()

    db = duckdb.connect()
    files = {path.stem: path for path in sorted(given.lake_clean.glob("*.parquet"))}
    marts = sorted((given.sql_dir / "marts").glob("*.sql"))
    audits = sorted((given.sql_dir / "audits").glob("*.sql"))
    files |= {mart.stem: given.marts_dir / f"{mart.stem}.parquet" for mart in marts}
    cases = {path.stem: f"cases of {path.stem}" for path in sorted(given.cases_dir.glob("*.parquet"))}
    files |= {view: given.cases_dir / f"{name}.parquet" for name, view in cases.items()}
    for name, path in files.items():
        db.read_parquet(str(path)).create_view(name)

    failed = not marts or not audits
    for mart in marts:
        published = cases.get(mart.stem, mart.stem)
        found = differences(db, published, mart.read_text(encoding="utf-8"))
        failed |= bool(found)
        rows = len(db.sql(f'select 1 from "{published}"').fetchall())
        print(f"{mart.stem}: {len(found)} differences" if found else f"{mart.stem}: {rows} rows equal")
        for line in found[:MOST_SHOWN]:
            print(f"  {mart.stem} {line}")
    for audit in audits:
        rows = db.sql(audit.read_text(encoding="utf-8")).fetchall()
        failed |= bool(rows)
        print(f"{audit.stem}: {len(rows)} rows")
        for row in rows[:MOST_SHOWN]:
            print(f"  {audit.stem} {row}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
