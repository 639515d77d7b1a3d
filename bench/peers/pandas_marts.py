"""What both pandas peers share: reading, applications and the marts; they differ in how the clock is computed.

Ordinals of working days are floats, so that NaN stands for a day that is not known.
"""

import numpy as np
import pandas as pd

import rules

DAY = pd.Timedelta(days=1)
COUNTING = ["admitted", "provisional"]


class Clock:
    """Working days, and what is known on the as-of day.

    numpy's `busday_count` knows no make-up working days, so W is looked up.
    """

    def __init__(self, job):
        calendar = rules.Calendar(job.calendar)
        self.first_day = pd.Timestamp(calendar.FIRST)
        self.ordinals = np.array(calendar.ordinals, dtype=float)
        self.first_days = np.array(calendar.first_days, dtype="datetime64[us]")
        self.as_of = pd.Timestamp(job.as_of)

    def wd(self, days):
        """W of each day; NaN of none."""
        places = (days - self.first_day).dt.days
        found = self.ordinals[places.fillna(0).astype(int)]
        return pd.Series(np.where(places.isna(), np.nan, found), days.index)

    def first(self, ordinals):
        """The first day of each ordinal."""
        found = self.first_days[ordinals.fillna(0).astype(int)]
        return pd.Series(found, ordinals.index).where(ordinals.notna())

    def known(self, moments):
        """The day of each moment; NaT after as-of."""
        days = moments.dt.normalize()
        return days.where(days <= self.as_of)


def read(job, table):
    """The needed columns of a CSV file."""
    kinds = rules.COLUMNS[table]
    text = {column: "str" for column, kind in kinds.items() if kind in ("text", "flag")}
    moments = [column for column, kind in kinds.items() if kind in ("date", "time")]
    rows = pd.read_csv(job.table(table), usecols=list(kinds), dtype=text)
    for column in moments:
        rows[column] = pd.to_datetime(rows[column])
    for column, kind in kinds.items():
        if kind == "flag":
            rows[column] = rows[column].map({"true": True, "false": False}).astype("boolean")
    return rows


def applications_of(job, clock):
    """Applications accepted by as-of, with their mode, end and due date."""
    rows = read(job, "applications")
    rows["accepted_on"] = clock.known(rows["accepted_at"])
    rows = rows[rows["accepted_on"].notna()].copy()
    rows["supply"] = rows["supply"].fillna("single")
    rows["new_feeder"] = rows["new_feeder"].fillna(False).astype(bool)
    is_large = (rows["capacity_kva"] >= rules.ORDER_FROM_KVA) | rows["key_project"].fillna(False).astype(bool)
    rows["mode"] = rows["mode"].fillna(pd.Series(np.where(is_large, "order", "conventional"), rows.index))
    energised, cancelled = clock.known(rows["energised_at"]), clock.known(rows["cancelled_at"])
    # The end that comes first counts; on one day, the energisation.
    rows["energised_on"] = energised.mask(cancelled < energised)
    rows["cancelled_on"] = cancelled.mask(energised <= cancelled)

    total_wd = pd.Series(np.nan, rows.index)
    for min_kv, max_kv, new_feeder, supply, limit_wd in rules.total_limits():
        fits = rows["voltage_kv"].between(min_kv, max_kv)
        total_wd[fits & (rows["new_feeder"] == new_feeder) & (rows["supply"] == supply)] = limit_wd
    standard_due_on = clock.first(clock.wd(rows["accepted_on"]) + total_wd)
    is_promised = (rows["mode"] == "order") & rows["promised_on"].notna()
    rows["due_on"] = rows["promised_on"].where(is_promised, standard_due_on)
    return rows


def callbacks_due(job, clock, applications):
    """Cases whose callback has fallen due, each with the first call that reached the customer."""
    energised = applications[applications["energised_on"].notna()]
    connections = pd.DataFrame(
        {
            "kind": "connection",
            "subject_id": energised["application_id"],
            "bureau": energised["bureau"],
            "due_on": energised["energised_on"] + pd.DateOffset(months=1),
        }
    )
    faults = read(job, "faults")
    faults = pd.DataFrame(
        {
            "kind": "fault",
            "subject_id": faults["fault_id"],
            "bureau": faults["bureau"],
            "due_on": clock.known(faults["restored_at"]) + rules.FAULT_DAYS * DAY,
        }
    )
    calls = read(job, "callbacks")
    calls["called_on"] = clock.known(calls["called_at"])
    calls = calls[(calls["outcome"] == "reached") & calls["called_on"].notna()].sort_values("called_at", kind="stable")
    first_reached = calls.drop_duplicates(["kind", "subject_id"])
    due = pd.concat([connections, faults])
    due = due[due["due_on"] <= clock.as_of].merge(first_reached, on=["kind", "subject_id"], how="left")
    due["month"] = month(due["due_on"])
    return due


# --- marts, §5 ---------------------------------------------------------------------------------------------


def month(days):
    """The first day of the month of each day."""
    return days.dt.to_period("M").dt.to_timestamp()


def overdue(stages, *grain):
    """Settled stages and how many of them are overdue."""
    settled = stages[stages["settled_month"].notna()].rename(columns={"settled_month": "month"})
    groups = settled.groupby(["month", *grain], as_index=False)
    return groups.agg(
        settled=("overdue_net", "size"),
        overdue_gross=("overdue_gross", "sum"),
        overdue_net=("overdue_net", "sum"),
        rate_gross=("overdue_gross", "mean"),
        rate_net=("overdue_net", "mean"),
        excluded_wd=("excluded_wd", "sum"),
        provisional_wd=("provisional_wd", "sum"),
        mean_over_wd=("overdue_wd", "mean"),
    )


def stage_overdue(stages):
    """The mart `stage_overdue`."""
    counts = overdue(stages, "bureau", "department", "stage", "mode")
    return counts.assign(excused=counts["overdue_gross"] - counts["overdue_net"])


def month_overdue(stages):
    """The mart `month_overdue`."""
    own = overdue(stages)[["month", "settled", "overdue_gross", "overdue_net", "rate_gross", "rate_net"]]
    settled = stages[stages["other_settled_month"].notna()].rename(columns={"other_settled_month": "month"})
    other = settled.groupby("month", as_index=False).agg(
        other_settled=("other_overdue_net", "size"),
        other_overdue_net=("other_overdue_net", "sum"),
        other_rate_net=("other_overdue_net", "mean"),
    )
    counts = ["settled", "overdue_gross", "overdue_net", "other_settled", "other_overdue_net"]
    return own.merge(other, on="month", how="outer").fillna(dict.fromkeys(counts, 0))


def year_rates(stages):
    """Of each month, stage and mode: the net rate of all departments over the twelve months up to it."""
    settled = stages[stages["settled_month"].notna()].rename(columns={"settled_month": "month"})
    cells = settled.groupby(["month", "stage", "mode"], as_index=False).agg(
        settled=("overdue_net", "size"), overdue=("overdue_net", "sum")
    )
    pairs = cells[["month", "stage", "mode"]].merge(cells.rename(columns={"month": "year_month"}), on=["stage", "mode"])
    since = pairs["month"] - pd.DateOffset(months=11)
    year = pairs[pairs["year_month"].between(since, pairs["month"])]
    sums = year.groupby(["month", "stage", "mode"], as_index=False)[["settled", "overdue"]].sum()
    return sums.assign(rate=sums["overdue"] / sums["settled"])[["month", "stage", "mode", "rate"]]


def department_month(stages):
    """The mart `department_month`, without the binomial tail."""
    of_year = stages.rename(columns={"settled_month": "month"}).merge(year_rates(stages), on=["month", "stage", "mode"])
    expected = of_year.groupby(["month", "department"], as_index=False).agg(expected=("rate", "sum"))
    marts = overdue(stages, "department").drop(columns=["excluded_wd", "provisional_wd", "mean_over_wd"])
    marts = marts.merge(expected, on=["month", "department"])
    z, n, p = rules.Z_975, marts["settled"], marts["rate_net"]
    z2 = z * z / n
    centre = (p + z2 / 2) / (1 + z2)
    half = z * np.sqrt(p * (1 - p) / n + z2 / n / 4) / (1 + z2)
    ranked = p.where(n >= rules.MIN_CASES)
    return marts.assign(
        wilson_low=(centre - half).mask(marts["overdue_net"] == 0, 0.0),
        wilson_high=(centre + half).mask(marts["overdue_net"] == n, 1.0),
        ratio=(marts["overdue_net"] / marts["expected"]).where(marts["expected"] > 0),
        rank=ranked.groupby(marts["month"]).rank("min"),
    )


def cycle(cycles, *grain):
    """The marts `cycle` and `cycle_by_mode`."""
    groups = cycles.groupby(["month", *grain])
    counts = groups.agg(
        completed=("net_wd", "size"),
        mean_calendar_days=("calendar_days", "mean"),
        mean_gross_wd=("gross_wd", "mean"),
        mean_net_wd=("net_wd", "mean"),
        promised=("promised", "sum"),
        promise_kept=("promise_kept", "sum"),
        all_met=("all_met", "sum"),
    )
    percentiles = {f"p{percent}_net_wd": groups["net_wd"].quantile(percent / 100) for percent in (50, 80, 90)}
    return counts.assign(
        **percentiles,
        promise_rate=counts["promise_kept"] / counts["promised"],
        all_met_rate=counts["all_met"] / counts["completed"],
    ).reset_index()


def callback(due):
    """The mart `callback`."""
    due = due.assign(
        is_called=due["called_on"].notna(),
        is_on_time=due["called_on"] <= due["due_on"],
        is_satisfied=due["score"] >= 4,
        has_issue=due["issue_category"].notna(),
        is_verified=due["issue_category"].notna() & due["issue_verified"].fillna(False).astype(bool),
        is_violation=~due["free_choice"].fillna(True).astype(bool),
    )
    counts = due.groupby(["month", "bureau", "kind"], as_index=False).agg(
        due=("is_called", "size"),
        called=("is_called", "sum"),
        on_time=("is_on_time", "sum"),
        scored=("score", "count"),
        satisfied=("is_satisfied", "sum"),
        mean_score=("score", "mean"),
        issues=("has_issue", "sum"),
        issues_verified=("is_verified", "sum"),
        designation_violations=("is_violation", "sum"),
    )
    return counts.assign(
        coverage=counts["called"] / counts["due"],
        on_time_rate=counts["on_time"] / counts["due"],
        satisfaction_rate=counts["satisfied"] / counts["scored"],
    )


def exclusion(pairs):
    """The mart `exclusion`."""
    pairs = pairs.assign(admitted_wd=pairs["claimed_wd"].where(pairs["verdict"].isin(COUNTING), 0))
    groups = pairs.groupby(["department", "stage", "cause", "verdict"], as_index=False)
    return groups.agg(
        claims=("claimed_wd", "size"), claimed_wd=("claimed_wd", "sum"), admitted_wd=("admitted_wd", "sum")
    )


def write(job, clock, applications, stages, pairs, cycles):
    """Writes mart after mart."""
    marts = {
        "stage_overdue": stage_overdue(stages),
        "department_stage": overdue(stages, "department", "stage"),
        "month_overdue": month_overdue(stages),
        "department_month": department_month(stages),
        "cycle": cycle(cycles, "bureau", "mode", "voltage_kv"),
        "cycle_by_mode": cycle(cycles, "mode"),
        "callback": callback(callbacks_due(job, clock, applications)),
        "exclusion": exclusion(pairs),
    }
    for name, mart in marts.items():
        mart.to_parquet(job.mart(name), index=False)
