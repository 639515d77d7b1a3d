#!/usr/bin/env python3
"""Compares the passes that yekuo makes of start and complete rows with the intervals that pm4py makes of them.

    python3 lifecycle.py LOG.csv CLEAN

LOG.csv is a log with a lifecycle, its columns named as XES names them; CLEAN is the folder of clean tables of a run.
pm4py drops starts without a complete; they must be open passes. Ends with 1 and a list where the two differ.
"""

import collections
import sys

import duckdb
import pandas
import pm4py
from pm4py.objects.log.util import interval_lifecycle

log_file, clean = sys.argv[1:]
events = pandas.read_csv(log_file, dtype=str, keep_default_na=False)
events["lifecycle:transition"] = events["lifecycle:transition"].str.lower()
events["time:timestamp"] = pandas.to_datetime(events["time:timestamp"])
# pm4py pairs in the order of the rows: of one moment, starts come first.
events = events.sort_values(["case", "time:timestamp", "lifecycle:transition"], ascending=[True, True, False], kind="stable")
log = pm4py.convert_to_event_log(
    pm4py.format_dataframe(events, case_id="case", activity_key="concept:name", timestamp_key="time:timestamp")
)
theirs, starts = collections.Counter(), collections.Counter()
for trace in interval_lifecycle.to_interval(log):
    for event in trace:
        span = (event["start_timestamp"].date(), event["time:timestamp"].date())
        theirs[(trace.attributes["concept:name"], event["concept:name"], *span)] += 1
for trace in log:
    for event in trace:
        starts[event["lifecycle:transition"]] += 1
ours = collections.Counter()
running = 0
for case, stage, started, finished in duckdb.sql(
    "select application_id, stage, started_on, finished_on from read_parquet('%s/stages.parquet')" % clean
).fetchall():
    if finished is None:
        running += 1
    else:
        ours[(case, stage, started, finished)] += 1
faults = ["%s: %d here, %d there" % (key, ours[key], theirs[key]) for key in set(ours) | set(theirs) if ours[key] != theirs[key]]
if running != starts["start"] - sum(theirs.values()):
    faults.append("%d open, %d starts, %d intervals" % (running, starts["start"], sum(theirs.values())))
print("%d intervals and %d open passes compared" % (sum(theirs.values()), running))
if faults or not theirs or not running:
    print("\n".join(faults))
    sys.exit(1)
