"""The clock of a stage and eight marts in pandas and numpy, column by column."""

import numpy as np
import pandas as pd

import pandas_marts
import rules
from pandas_marts import COUNTING, DAY, month


def passes_of(job, clock, applications):
    """Passes that had begun or were planned by as-of, with what their application says of them."""
    rows = known_passes(job, clock)
    bits = rules.stage_bits()
    limits = pd.DataFrame(rules.stage_limits(), columns=["stage", "high", "supply", "standard_wd"])
    of_application = applications[
        ["application_id", "bureau", "mode", "voltage_kv", "supply", "accepted_on", "energised_on", "cancelled_on"]
    ]
    rows = rows.merge(of_application, on="application_id")
    rows["high"] = rows["voltage_kv"] >= 1
    rows = rows.merge(limits, on=["stage", "high", "supply"], how="left")
    rows["pass_id"] = np.arange(len(rows))
    rows["bit"] = rows["stage"].map(bits).fillna(0).astype(int)
    # What is recorded as begun after a cancellation never ran.
    rows["ran_from"] = rows["begun_on"].mask(rows["begun_on"] > rows["cancelled_on"])
    own_end = rows["begun_on"].notna() | rows["stage"].isin(rules.after_goal())
    rows["stops_on"] = rows["cancelled_on"].where(own_end, rows["energised_on"].fillna(rows["cancelled_on"]))
    return rows


def known_passes(job, clock):
    """Rows of stages that had begun by as-of, or have a due date."""
    rows = pandas_marts.read(job, "stages").rename(columns={"due_on": "given_due_on"})
    rows["begun_on"] = clock.known(rows["started_at"])
    rows["done_on"] = clock.known(rows["finished_at"]).where(rows["begun_on"].notna())
    return rows[rows["begun_on"].notna() | rows["given_due_on"].notna()]


def waited_for(late, passes):
    """Of each late pass: whether all that it waited for were done by its due date, and when the last was done."""
    ways = pd.DataFrame(rules.ways_back(), columns=["stage", "before", "between"])
    recorded = passes.drop_duplicates(["application_id", "stage"]).groupby("application_id")["bit"].sum()
    earlier = passes[["application_id", "stage", "begun_on", "done_on", "given_due_on"]].set_axis(
        ["application_id", "before", "earlier_begun_on", "earlier_done_on", "earlier_due_on"], axis=1
    )
    rows = late[["pass_id", "application_id", "stage", "given_due_on"]].merge(ways, on="stage")
    rows = rows[(rows["application_id"].map(recorded) & rows["between"]) == 0]
    rows = rows.merge(earlier, on=["application_id", "before"])
    rows = rows[rows["earlier_due_on"].notna() | (rows["earlier_begun_on"] <= rows["given_due_on"])]
    rows["is_done"] = rows["earlier_done_on"] <= rows["given_due_on"]
    return rows.groupby("pass_id").agg(all_done=("is_done", "all"), last_done_on=("earlier_done_on", "max"))


def started(clock, passes):
    """Passes with a clock: one that did not begin by its due date runs from when it could have, or inherits a delay."""
    looked_at = passes["ran_from"].fillna(passes["stops_on"]).fillna(clock.as_of)
    is_late = clock.wd(passes["given_due_on"]) < clock.wd(looked_at)
    passes = passes.merge(waited_for(passes[is_late], passes), left_on="pass_id", right_index=True, how="left")
    all_done = passes["all_done"].astype("boolean").fillna(True).astype(bool)
    is_ready = is_late & all_done & (passes["accepted_on"] <= passes["given_due_on"])
    ready_on = passes[["accepted_on", "last_done_on"]].max(axis=1)
    passes["inherits"] = is_late & ~is_ready
    passes["clock_on"] = ready_on.where(is_ready, passes["ran_from"])
    passes["finished_on"] = passes["done_on"].mask(passes["done_on"] > passes["stops_on"])
    passes["end_on"] = passes[["done_on", "stops_on"]].min(axis=1).fillna(clock.as_of)
    return passes[passes["clock_on"].notna()]


def clocked(clock, passes):
    """Passes with start, end, limit and gross time."""
    passes = started(clock, passes).copy()
    has_own_due = ~passes["inherits"] & passes["given_due_on"].notna()
    has_plan = passes["inherits"] & passes["planned_start_on"].notna()
    due_wd = clock.wd(passes["given_due_on"])
    passes["start_wd"] = clock.wd(passes["clock_on"])
    passes["end_wd"] = clock.wd(passes["end_on"])
    passes["gross_wd"] = (passes["end_wd"] - passes["start_wd"]).clip(lower=0)
    planned_wd = (due_wd - clock.wd(passes["planned_start_on"])).clip(lower=0)
    passes["limit_wd"] = passes["standard_wd"].mask(has_own_due, due_wd - passes["start_wd"]).mask(has_plan, planned_wd)
    standard_due_on = clock.first(passes["start_wd"] + passes["limit_wd"])
    passes["due_on"] = passes["given_due_on"].where(has_own_due, standard_due_on)
    return passes


def claims_of(job, clock):
    """Claims that had begun by as-of, as spans of ordinals."""
    rows = pandas_marts.read(job, "delays").rename(columns={"stage": "claim_stage"})
    rows["began_on"] = clock.known(rows["began_at"])
    rows = rows[rows["began_on"].notna()].copy()
    rows["reported_on"] = clock.known(rows["reported_at"])
    # A ruling whose day lies after as-of does not exist yet.
    is_ruled_later = rows["ruled_at"].dt.normalize() > clock.as_of
    rows["ruling"] = rows["ruling"].fillna("pending").mask(is_ruled_later, "pending")
    confirmed_on = clock.known(rows["confirmed_at"])
    heard_on = pd.concat([rows["began_on"], rows["reported_on"], confirmed_on], axis=1).max(axis=1)
    now_wd = clock.wd(pd.Series(clock.as_of, rows.index))
    believed_wd = np.minimum(now_wd, clock.wd(heard_on) + rules.OPEN_CLAIM_WD)
    open_until_wd = now_wd.where(rows["ruling"] == "admitted", believed_wd)
    rows["began_wd"] = clock.wd(rows["began_on"])
    rows["until_wd"] = clock.wd(clock.known(rows["ended_at"])).fillna(open_until_wd)
    return rows[["application_id", "claim_stage", "cause", "ruling", "reported_on", "began_wd", "until_wd"]]


def judged(pairs):
    """Claims next to a pass or an application from `start_wd` to `end_wd`: their days inside it and the verdict."""
    pairs["from_wd"] = pairs[["began_wd", "start_wd"]].max(axis=1)
    pairs["to_wd"] = pairs[["until_wd", "end_wd"]].min(axis=1)
    pairs["claimed_wd"] = (pairs["to_wd"] - pairs["from_wd"]).clip(lower=0)
    # The first rule that applies.
    rules_in_order = {
        "not_excludable": pairs["cause"] != rules.EXCLUDABLE_CAUSE,
        "rejected": pairs["ruling"] == "rejected",
        "late_report": pairs["reported_on"].isna() | (pairs["reported_on"] > pairs["due_on"]),
        "outside_stage": pairs["claimed_wd"] == 0,
        "provisional": pairs["ruling"] == "pending",
    }
    pairs["verdict"] = np.select(list(rules_in_order.values()), list(rules_in_order), "admitted")
    return pairs


def pairs_of(passes, claims):
    """Each claim with each pass that it is about."""
    of_pass = passes[["pass_id", "application_id", "stage", "department", "start_wd", "end_wd", "limit_wd", "due_on"]]
    pairs = judged(of_pass.merge(claims, on="application_id"))
    is_unnamed = pairs["claim_stage"].isna() & (pairs["claimed_wd"] > 0)
    return pairs[is_unnamed | (pairs["claim_stage"] == pairs["stage"])]


def united(spans, of):
    """Spans in order, each with what it adds to the union of those of the same `of` that begin before it."""
    spans = spans.sort_values([of, "from_wd", "to_wd"])
    until_before = spans.groupby(of)["to_wd"].cummax().groupby(spans[of]).shift()
    begins_wd = np.fmax(spans["from_wd"], until_before)
    added_wd = (spans["to_wd"] - begins_wd).clip(lower=0)
    before_wd = added_wd.groupby(spans[of]).cumsum() - added_wd
    return spans.assign(begins_wd=begins_wd, added_wd=added_wd, before_wd=before_wd)


def excluded(passes, pairs, verdicts):
    """Of each pass: the days that claims with these verdicts take out, and by how many of them a breach moves."""
    spans = united(pairs[pairs["verdict"].isin(verdicts)], "pass_id")
    # A span pushes the breach out if the net days up to it are within the limit.
    pushes = spans["begins_wd"] - spans["before_wd"] - spans["start_wd"] <= spans["limit_wd"]
    spans["pushed_wd"] = spans["added_wd"].where(pushes, 0)
    sums = spans.groupby("pass_id")[["added_wd", "pushed_wd"]].sum()
    sums = sums.reindex(passes["pass_id"], fill_value=0).set_axis(passes.index)
    return sums["added_wd"], sums["pushed_wd"]


def settled_month(clock, passes, net_wd, pushed_wd):
    """The month in which a pass ran out of time, else in which it finished."""
    breach_wd = passes["start_wd"] + passes["limit_wd"] + 1 + pushed_wd
    # With a limit below zero the breach is on the first working day on or after the start.
    breach_wd = breach_wd.mask(passes["limit_wd"] < 0, clock.wd(passes["clock_on"] - DAY) + 1)
    has_breached = (net_wd > passes["limit_wd"]) & (breach_wd <= passes["end_wd"])
    settled_on = clock.first(breach_wd.where(has_breached)).fillna(passes["finished_on"])
    return month(settled_on.where(passes["limit_wd"].notna()))


def stages_of(clock, passes, pairs):
    """Passes with net time, verdicts, and the month in which they are settled, under both settings of `pending`."""
    excluded_wd, pushed_wd = excluded(passes, pairs, COUNTING)
    other_excluded_wd, other_pushed_wd = excluded(passes, pairs, ["admitted"])
    net_wd, other_net_wd = passes["gross_wd"] - excluded_wd, passes["gross_wd"] - other_excluded_wd
    over_wd = net_wd - passes["limit_wd"]
    return passes.assign(
        excluded_wd=excluded_wd,
        provisional_wd=excluded_wd - other_excluded_wd,
        overdue_gross=passes["gross_wd"] > passes["limit_wd"],
        overdue_net=over_wd > 0,
        other_overdue_net=other_net_wd > passes["limit_wd"],
        overdue_wd=over_wd.where(over_wd > 0),
        settled_month=settled_month(clock, passes, net_wd, pushed_wd),
        other_settled_month=settled_month(clock, passes, other_net_wd, other_pushed_wd),
    )


def cycles_of(clock, applications, claims, pairs, stages):
    """Energised applications with their gross and net time."""
    cycles = applications[applications["energised_on"].notna()].copy()
    cycles["start_wd"] = clock.wd(cycles["accepted_on"])
    cycles["end_wd"] = clock.wd(cycles["energised_on"])
    of_application = cycles[["application_id", "start_wd", "end_wd", "due_on"]]
    unnamed = judged(claims[claims["claim_stage"].isna()].merge(of_application, on="application_id"))
    columns = ["application_id", "from_wd", "to_wd"]
    spans = pd.concat(
        [
            pairs.loc[pairs["verdict"].isin(COUNTING) & pairs["claim_stage"].notna(), columns],
            unnamed.loc[unnamed["verdict"].isin(COUNTING), columns],
        ]
    ).merge(of_application, on="application_id")
    spans["from_wd"] = spans[["from_wd", "start_wd"]].max(axis=1)
    spans["to_wd"] = spans[["to_wd", "end_wd"]].min(axis=1)
    excluded_wd = united(spans, "application_id").groupby("application_id")["added_wd"].sum()

    cycles["month"] = month(cycles["energised_on"])
    cycles["calendar_days"] = (cycles["energised_on"] - cycles["accepted_on"]).dt.days
    cycles["gross_wd"] = cycles["end_wd"] - cycles["start_wd"]
    cycles["net_wd"] = cycles["gross_wd"] - cycles["application_id"].map(excluded_wd).fillna(0)
    cycles["promised"] = cycles["promised_on"].notna()
    cycles["promise_kept"] = cycles["energised_on"] <= cycles["promised_on"]
    missed = stages.loc[stages["overdue_net"], "application_id"].unique()
    cycles["all_met"] = ~cycles["application_id"].isin(missed)
    return cycles


def main():
    """Reads, clocks, and writes mart after mart."""
    job = rules.job(__doc__)
    clock = pandas_marts.Clock(job)
    applications = pandas_marts.applications_of(job, clock)
    passes = clocked(clock, passes_of(job, clock, applications))
    claims = claims_of(job, clock)
    pairs = pairs_of(passes, claims)
    stages = stages_of(clock, passes, pairs)
    cycles = cycles_of(clock, applications, claims, pairs, stages)
    pandas_marts.write(job, clock, applications, stages, pairs, cycles)


if __name__ == "__main__":
    main()
