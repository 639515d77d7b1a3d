#!/usr/bin/env python3
"""What pm4py makes of an event log.

    python3 eventlog.py write LOG.csv LOG.xes
    python3 eventlog.py compare MARTS CLEAN LOG...

`write` turns a CSV with the columns of a data frame of pm4py into XES. `compare` opens logs that yekuo exported, XES or
OCEL 2.0, and compares cases, events, directly-follows pairs and variants with its marts and clean tables. Ends with 1
and a list where the two differ.
"""

import collections
import sys

import duckdb
import pandas
import pm4py


def write(source, target):
    events = pandas.read_csv(source, dtype=str, keep_default_na=False)
    events["time:timestamp"] = pandas.to_datetime(events["time:timestamp"], utc=True, format="ISO8601")
    # What is empty in the CSV is no attribute of the event.
    events = events.replace("", None)
    pm4py.write_xes(events, target, case_id_key="case:concept:name")


def opened(path):
    """The log as a data frame of its stage events, and how many objects it has of each type."""
    if path.endswith((".xes", ".xes.gz")):
        return pm4py.convert_to_dataframe(pm4py.read_xes(path)), None
    ocel = pm4py.read_ocel2(path)
    objects = ocel.objects.groupby("ocel:type").size().to_dict()
    events = pm4py.ocel_flattening(ocel, "application")
    # Flattened, a log is in the order of its events, not of its cases; the sort keeps the order of those of one moment.
    return events.sort_values(["case:concept:name", "time:timestamp"], kind="stable"), objects


def compare(marts, clean, paths):
    faults = []
    begun = "where started_on is not null"

    def table(folder, name, columns, rest=""):
        query = "select %s from read_parquet('%s/%s.parquet') %s" % (columns, folder, name, rest)
        return duckdb.sql(query).fetchall()

    def same(what, theirs, ours):
        theirs, ours = dict(theirs), dict(ours)
        for key in sorted(set(theirs) | set(ours), key=str):
            if theirs.get(key) != ours.get(key):
                faults.append("%s %s: %s here, %s there" % (what, key, ours.get(key), theirs.get(key)))
        print("%s: %d compared" % (what, len(theirs)))

    for path in paths:
        log, objects = opened(path)
        starts = log[log["lifecycle:transition"] == "start"].copy()
        ends = log[log["lifecycle:transition"] == "complete"]
        passes, finished = table(clean, "stages", "count(*), count(*) filter (where finished_on is not null)", begun)[0]
        cases = table(clean, "stages", "count(distinct application_id)", begun)[0][0]
        same("cases", {path: log["case:concept:name"].nunique()}, {path: cases})
        same("starts, completes", enumerate((len(starts), len(ends))), enumerate((passes, finished)))
        graph, _, _ = pm4py.discover_dfg(starts)
        flow = table(marts, "flow", "from_stage, to_stage, sum(transitions)::bigint", "group by all")
        same("directly follows", graph, {(a, b): n for a, b, n in flow if a is not None and b is not None})
        variants = collections.Counter({"→".join(path): n for path, n in pm4py.get_variants(starts).items()})
        ours = table(marts, "variant", "variant, applications", "where variant is not null")
        same("variant", variants, ours)
        by_group = log.groupby("org:group").size().to_dict() if objects is None else {}
        if objects is None:
            of_clean = table(clean, "stages", "department, count(*) + count(finished_on)", begun + " group by all")
            same("events of a department", by_group, of_clean)
        else:
            count = table(clean, "applications", "count(*), count(distinct manager_id)")[0]
            departments = table(clean, "stages", "count(distinct department)", begun)[0][0]
            theirs = {kind: objects.get(kind) for kind in ("application", "department")}
            same("objects", theirs, {"application": count[0], "department": departments})
    for fault in faults[:40]:
        print(fault)
    sys.exit(bool(faults))


match sys.argv[1:]:
    case ["write", source, target]:
        write(source, target)
    case ["compare", marts, clean, *paths]:
        compare(marts, clean, paths)
