"""Copies every CSV file of the folder to Parquet, and does nothing else: what reading and writing alone cost."""

import duckdb

import rules


def main():
    """Copies table after table."""
    job = rules.job(__doc__)
    for table in sorted(job.data.glob("*.csv")):
        target = job.out / f"{table.stem}.parquet"
        duckdb.sql(f"copy (select * from read_csv('{table}')) to '{target}' (format parquet)")


if __name__ == "__main__":
    main()
