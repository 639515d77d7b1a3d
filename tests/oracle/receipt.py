#!/usr/bin/env python3
"""Compares a report on the receipt log with what pm4py finds in the same file.

    python3 receipt.py LOG.csv MARTS CLEAN AS_OF

LOG.csv is the event log; MARTS and CLEAN are the folders of marts and clean tables of a run with that as-of day. What
pm4py computes: the directly-follows graph, the variants, the first and last activities and the number of passes of an
activity that come again. What pandas computes: cycle times in days of the Netherlands, and which cases ran past their
deadline. Nothing is taken over from yekuo but its answers. Ends with 1 and a list where the two differ.
"""

import collections
import sys

import duckdb
import pandas
import pm4py

ZONE = "Europe/Amsterdam"

log_file, marts, clean, as_of = sys.argv[1:]
faults = []


def table(folder, name, columns, rest=""):
    return duckdb.sql("select %s from read_parquet('%s/%s.parquet') %s" % (columns, folder, name, rest)).fetchall()


def same(what, theirs, ours):
    theirs, ours = dict(theirs), dict(ours)
    for key in sorted(set(theirs) | set(ours), key=str):
        if theirs.get(key) != ours.get(key):
            faults.append("%s %s: %s here, %s there" % (what, key, ours.get(key), theirs.get(key)))
    print("%s: %d compared" % (what, len(theirs)))


def day(column):
    """The day in the Netherlands of stamps whose offsets change with summer time; none where a cell is empty."""
    return pandas.to_datetime(column, utc=True, format="ISO8601").dt.tz_convert(ZONE).dt.date


events = pandas.read_csv(log_file, dtype=str, keep_default_na=False)
started = pandas.to_datetime(events["case:startdate"], utc=True, format="ISO8601")
ended = pandas.to_datetime(events["case:enddate"], utc=True, format="ISO8601")
# A case that ends before it starts is refused, and its events with it.
events = events[~(ended < started)].copy()
events["time:timestamp"] = pandas.to_datetime(events["time:timestamp"], utc=True, format="ISO8601")
log = pm4py.format_dataframe(
    events, case_id="case:concept:name", activity_key="concept:name", timestamp_key="time:timestamp"
)
is_open = log["case:concept:name"].isin(set(events.loc[events["case:enddate"] == "", "case:concept:name"]))

same("cases", {"all": log["case:concept:name"].nunique()}, {"all": table(clean, "applications", "count(*)")[0][0]})

graph, starts, _ = pm4py.discover_dfg(log)
_, _, ends = pm4py.discover_dfg(log[~is_open])
flow = table(marts, "flow", "from_stage, to_stage, sum(transitions)::bigint", "group by all")
same("directly follows", graph, {(a, b): n for a, b, n in flow if a is not None and b is not None})
same("first activity", starts, {b: n for a, b, n in flow if a is None})
same("last activity of an ended case", ends, {a: n for a, b, n in flow if b is None})

variants = collections.Counter({"→".join(path): n for path, n in pm4py.get_variants(log).items()})
same("variant", variants, table(marts, "variant", "variant, applications"))

again = collections.Counter()
for (_, activity), n in log.groupby(["case:concept:name", "concept:name"]).size().items():
    again["all"] += n - 1
same("passes beyond the first", again, {"all": table(clean, "stages", "count(*)", "where pass > 1")[0][0]})

cases = log.groupby("case:concept:name").first()
start, end, deadline = day(cases["case:startdate"]), day(cases["case:enddate"]), day(cases["case:deadline"])
today = pandas.Timestamp(as_of).date()
cycles = {case: (end[case] - start[case]).days for case in cases.index if not pandas.isna(end[case])}
same("cycle in days", cycles, table(clean, "applications", "application_id, calendar_days", "where state = 'energised'"))

kept = sum(1 for case in cycles if end[case] <= deadline[case])
counted = table(marts, "cycle", "sum(completed)::bigint, sum(promised)::bigint, sum(promise_kept)::bigint")[0]
same("ended, promised, kept", enumerate((len(cycles), len(cycles), kept)), enumerate(counted))
late = {case: 1 for case in cases.index if case not in cycles and deadline[case] < today}
same("open past the deadline", late, table(marts, "watchlist", "application_id, 1", "where due_on < date '%s'" % as_of))

for fault in faults[:40]:
    print(fault)
sys.exit(bool(faults))
