"""The event log of the stages in pm4py: directly-follows edges, variants, and how long each case took."""

import pandas as pd
import pm4py

import rules

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"


def events_of(job):
    """The starts of all passes by as-of, those of one moment in the usual order of their stages."""
    end = pd.Timestamp(job.as_of) + pd.Timedelta(days=1)
    applications = pd.read_csv(
        job.table("applications"),
        usecols=["application_id", "accepted_at", "cancelled_at"],
        dtype={"application_id": "str"},
        parse_dates=["accepted_at", "cancelled_at"],
    )
    stages = pd.read_csv(
        job.table("stages"),
        usecols=["application_id", "stage", "started_at"],
        dtype={"application_id": "str"},
        parse_dates=["started_at"],
    ).merge(applications[applications["accepted_at"] < end], on="application_id")
    # What is recorded as begun after a cancellation never ran.
    ran = ~(stages["started_at"].dt.normalize() > stages["cancelled_at"].where(stages["cancelled_at"] < end))
    events = stages[ran & (stages["started_at"] < end)]
    events = events.assign(place=events["stage"].map(list(rules.stage_bits()).index))
    events = events.sort_values(["application_id", "started_at", "place"], kind="stable").drop(columns="place")
    return pm4py.format_dataframe(events, case_id="application_id", activity_key="stage", timestamp_key="started_at")


def kind(before, after):
    """What sort of step it is from one stage to the next."""
    usual = list(rules.stage_bits())
    if before == after:
        return "again"
    return "next" if usual.index(before) < usual.index(after) else "back"


def flow(events):
    """The mart `flow`, without what comes before the first stage and after the last."""
    edges, _, _ = pm4py.discover_dfg(events)
    rows = [(before, after, kind(before, after), count) for (before, after), count in edges.items()]
    return pd.DataFrame(rows, columns=["from_stage", "to_stage", "kind", "transitions"])


def variant(events):
    """The mart `variant`."""
    variants = pm4py.get_variants(events)
    rows = [("→".join(stages), len(stages), count) for stages, count in variants.items()]
    return pd.DataFrame(rows, columns=["variant", "stages", "applications"])


def main():
    """Reads the log and writes what pm4py makes of it."""
    job = rules.job(__doc__)
    events = events_of(job)
    durations = pd.DataFrame({"duration_s": pm4py.get_all_case_durations(events)})
    flow(events).to_parquet(job.mart("flow"), index=False)
    variant(events).to_parquet(job.mart("variant"), index=False)
    durations.to_parquet(job.mart("duration"), index=False)


if __name__ == "__main__":
    main()
