#!/usr/bin/env python3
"""Compares the order of events in yekuo's clean tables with that of pm4py, which keeps the order of the rows.

    python3 ties.py CLEAN LOG.csv ...

The logs are those of the run that made CLEAN, in the order in which it reads them, with columns case, what and when.
Directly-follows counts, first and last activities and variants must be the same. Ends with 1 and a list where not.
"""

import collections
import sys

import duckdb
import pandas
import pm4py

clean, *files = sys.argv[1:]
events = pandas.concat([pandas.read_csv(file, dtype=str) for file in files], ignore_index=True)
events["when"] = pandas.to_datetime(events["when"])
log = pm4py.format_dataframe(events, case_id="case", activity_key="what", timestamp_key="when")
graph, starts, ends = pm4py.discover_dfg(log)
theirs = {"follows": graph, "starts": starts, "ends": ends, "variants": pm4py.get_variants(log)}

passes = collections.defaultdict(list)
for case, stage in duckdb.sql(
    "select application_id, stage from read_parquet('%s/stages.parquet') order by application_id, sequence" % clean
).fetchall():
    passes[case].append(stage)
edges = duckdb.sql(
    "select from_stage, to_stage, count(*)::bigint from read_parquet('%s/edges.parquet') group by all" % clean
).fetchall()
ours = {
    "follows": {(a, b): n for a, b, n in edges if a is not None and b is not None},
    "starts": {b: n for a, b, n in edges if a is None},
    "ends": {a: n for a, b, n in edges if b is None},
    "variants": collections.Counter(tuple(stages) for stages in passes.values()),
}
faults = []
for what in theirs:
    one, other = dict(ours[what]), dict(theirs[what])
    faults += ["%s %s: %s here, %s there" % (what, k, one.get(k), other.get(k)) for k in set(one) | set(other) if one.get(k) != other.get(k)]
    print("%s: %d compared" % (what, len(other)))
print("\n".join(sorted(faults)))
sys.exit(1 if faults else 0)
