#!/usr/bin/env python3
"""Writes an event log whose times are moments, as Parquet: python3 moments.py FOLDER

The times are of the type `timestamp with time zone`, which Parquet keeps in UTC.
"""

import sys

import duckdb

duckdb.sql(
    "copy (select column0 as application_id, column1 as stage, column2::timestamptz as started_at, 'X' as department"
    " from (values ('A1', 'survey', '2011-03-26 23:30:00.25+00:00'), ('A1', 'scheme', '2011-03-27 03:00:00+02:00'))"
    " as rows(column0, column1, column2) order by 3)"
    " to '%s/stages.parquet' (format parquet)" % sys.argv[1]
)
