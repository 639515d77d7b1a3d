"""The clock of a stage in pandas row by row, with `apply` and sets of days, as it is often written; the same marts.

Only reading and the marts are those of pandas_core.py.
"""

from types import SimpleNamespace

import pandas as pd

import pandas_marts
import rules
from pandas_marts import COUNTING, DAY, month


class Days:
    """Working days one at a time."""

    def __init__(self, job):
        calendar = rules.Calendar(job.calendar)
        self.ordinals = dict(zip(map(pd.Timestamp, calendar.days), calendar.ordinals))
        self.first_days = [pd.Timestamp(day) for day in calendar.first_days]
        self.as_of = pd.Timestamp(job.as_of)

    def between(self, a, b):
        """W(b) − W(a)."""
        return self.ordinals[b] - self.ordinals[a]

    def plus(self, day, working_days):
        """The first day whose W is that of `day` and so many more."""
        return self.first_days[self.ordinals[day] + working_days]

    def span(self, after, until):
        """The working days in (after, until], by their ordinals."""
        return set(range(self.ordinals[after] + 1, self.ordinals[until] + 1))

    def known(self, moment):
        """The day of a moment; NaT after as-of."""
        if pd.isna(moment) or moment.normalize() > self.as_of:
            return pd.NaT
        return moment.normalize()


def by_application(rows):
    """The rows of each application, as a list."""
    found = {}
    for row in rows.itertuples(index=False):
        found.setdefault(row.application_id, []).append(row)
    return found


def or_none(value):
    """None for a missing value, so that `or` works."""
    return None if pd.isna(value) else value


def claims_of(job, days):
    """Claims that had begun by as-of, each with the set of its working days."""
    rows = pandas_marts.read(job, "delays").rename(columns={"stage": "claim_stage"})
    rows["began_on"] = rows["began_at"].apply(days.known)
    rows = rows[rows["began_on"].notna()].copy()
    rows["reported_on"] = rows["reported_at"].apply(days.known)
    rows["ruling"] = rows.apply(ruling, axis=1, args=(days,))
    rows["days"] = rows.apply(claim_days, axis=1, args=(days,))
    return rows


def ruling(claim, days):
    """The ruling; one whose day lies after as-of does not exist yet."""
    if pd.isna(claim["ruling"]) or (not pd.isna(claim["ruled_at"]) and claim["ruled_at"].normalize() > days.as_of):
        return "pending"
    return claim["ruling"]


def claim_days(claim, days):
    """The working days that a claim covers."""
    until = days.known(claim["ended_at"])
    if pd.isna(until) and claim["ruling"] == "admitted":
        until = days.as_of
    elif pd.isna(until):
        heard = [claim["began_on"], claim["reported_on"], days.known(claim["confirmed_at"])]
        until = min(days.as_of, days.plus(max(day for day in heard if not pd.isna(day)), rules.OPEN_CLAIM_WD))
    return days.span(claim["began_on"], until)


def verdict(claim, due_on, claimed):
    """The first rule that applies."""
    if claim.cause != rules.EXCLUDABLE_CAUSE:
        return "not_excludable"
    if claim.ruling == "rejected":
        return "rejected"
    if pd.isna(claim.reported_on) or (due_on is not None and claim.reported_on > due_on):
        return "late_report"
    if not claimed:
        return "outside_stage"
    return "provisional" if claim.ruling == "pending" else "admitted"


def passes_of(job, days, applications):
    """Passes that had begun or were planned by as-of, with what their application says of them."""
    rows = pandas_marts.read(job, "stages").rename(columns={"due_on": "given_due_on"})
    rows["begun_on"] = rows["started_at"].apply(days.known)
    rows["done_on"] = rows["finished_at"].apply(days.known).where(rows["begun_on"].notna())
    rows = rows[rows["begun_on"].notna() | rows["given_due_on"].notna()]
    of_application = applications[
        ["application_id", "bureau", "mode", "voltage_kv", "supply", "accepted_on", "energised_on", "cancelled_on"]
    ]
    return rows.merge(of_application, on="application_id")


class Judge:
    """Judges one pass after another."""

    def __init__(self, days, passes, claims):
        self.days = days
        self.passes = by_application(passes)
        self.claims = by_application(claims)
        self.ways_back = rules.ways_back()
        self.bits = rules.stage_bits()
        self.after_goal = rules.after_goal()
        self.limits = {(stage, high, supply): limit for stage, high, supply, limit in rules.stage_limits()}
        self.pairs = []

    def predecessors(self, row):
        """The passes on record that a pass waits for, as far as they count for its due date."""
        known = self.passes[row["application_id"]]
        recorded = sum(self.bits[stage] for stage in {other.stage for other in known})
        before = {b for stage, b, between in self.ways_back if stage == row["stage"] and not recorded & between}
        return [
            other
            for other in known
            if other.stage in before and (not pd.isna(other.given_due_on) or other.begun_on <= row["given_due_on"])
        ]

    def start(self, row):
        """From when the clock of a pass runs, and whether it inherits a delay."""
        begun_on, cancelled_on = or_none(row["begun_on"]), or_none(row["cancelled_on"])
        due_on = or_none(row["given_due_on"])
        # What is recorded as begun after a cancellation never ran.
        if begun_on and cancelled_on and begun_on > cancelled_on:
            begun_on = None
        if due_on is None:
            return begun_on, False
        if self.days.between(due_on, begun_on or self.stops_on(row) or self.days.as_of) <= 0:
            return begun_on, False
        before = self.predecessors(row)
        if row["accepted_on"] <= due_on and all(other.done_on <= due_on for other in before):
            return max([row["accepted_on"], *(other.done_on for other in before)]), False
        return begun_on, True

    def stops_on(self, row):
        """The day from which an application leaves a pass no time."""
        if pd.isna(row["begun_on"]) and row["stage"] not in self.after_goal:
            return or_none(row["energised_on"]) or or_none(row["cancelled_on"])
        return or_none(row["cancelled_on"])

    def limit(self, row, clock_on, inherits):
        """The limit in working days, and the due date."""
        due_on = or_none(row["given_due_on"])
        if due_on and not inherits:
            return self.days.between(clock_on, due_on), due_on
        if inherits and not pd.isna(row["planned_start_on"]):
            limit_wd = max(0, self.days.between(row["planned_start_on"], due_on))
        else:
            limit_wd = self.limits.get((row["stage"], row["voltage_kv"] >= 1, row["supply"]))
        return limit_wd, None if limit_wd is None else self.days.plus(clock_on, limit_wd)

    def judge_claims(self, row, window, due_on):
        """The working days that claims take out, and those of admitted ones alone."""
        excluded, ruled = set(), set()
        for claim in self.claims.get(row["application_id"], []):
            claimed = claim.days & window
            is_named = not pd.isna(claim.claim_stage)
            if claim.claim_stage != row["stage"] and (is_named or not claimed):
                continue
            judged = verdict(claim, due_on, claimed)
            case = (row["application_id"], is_named, row["department"], row["stage"])
            self.pairs.append((*case, claim.cause, judged, claimed))
            if judged in COUNTING:
                excluded |= claimed
            if judged == "admitted":
                ruled |= claimed
        return excluded, ruled

    def breached_on(self, clock_on, end_on, excluded, limit_wd):
        """The first working day from the start to the end on which the net time is over the limit."""
        if limit_wd < 0:
            day = self.days.plus(clock_on - DAY, 1)
            return day if day <= end_on else None
        for net_wd, ordinal in enumerate(sorted(self.days.span(clock_on, end_on) - excluded), start=1):
            if net_wd > limit_wd:
                return self.days.first_days[ordinal]
        return None

    def judge(self, row):
        """The outcome of one pass, or nothing where no clock runs."""
        clock_on, inherits = self.start(row)
        if clock_on is None:
            return None
        finished_on, stops_on = or_none(row["done_on"]), self.stops_on(row)
        end_on = finished_on or self.days.as_of
        if stops_on and (finished_on is None or finished_on > stops_on):
            finished_on, end_on = None, stops_on
        limit_wd, due_on = self.limit(row, clock_on, inherits)
        window = self.days.span(clock_on, end_on)
        excluded, ruled = self.judge_claims(row, window, due_on)
        outcome = {"excluded_wd": len(excluded), "provisional_wd": len(excluded) - len(ruled)}
        if limit_wd is None:
            return outcome | dict.fromkeys(("overdue_gross", "overdue_net", "other_overdue_net"), False)
        over_wd = len(window) - len(excluded) - limit_wd
        return outcome | {
            "overdue_gross": len(window) > limit_wd,
            "overdue_net": over_wd > 0,
            "other_overdue_net": len(window) - len(ruled) > limit_wd,
            "overdue_wd": over_wd if over_wd > 0 else None,
            "settled_on": self.breached_on(clock_on, end_on, excluded, limit_wd) or finished_on,
            "other_settled_on": self.breached_on(clock_on, end_on, ruled, limit_wd) or finished_on,
        }


def stages_of(judge, passes):
    """Passes with their outcome."""
    outcomes = passes.apply(judge.judge, axis=1)
    passes = passes[outcomes.notna()]
    stages = passes.join(pd.DataFrame(list(outcomes[outcomes.notna()]), index=passes.index))
    for column in ("settled", "other_settled"):
        stages[f"{column}_month"] = month(pd.to_datetime(stages[f"{column}_on"]))
    return stages


def pairs_of(judge):
    """Each claim with each pass that it is about."""
    columns = ["application_id", "is_named", "department", "stage", "cause", "verdict", "days"]
    pairs = pd.DataFrame(judge.pairs, columns=columns)
    return pairs.assign(claimed_wd=pairs["days"].apply(len))


def cycles_of(days, applications, judge, pairs, stages):
    """Energised applications with their gross and net time."""
    named = by_application(pairs[pairs["is_named"] & pairs["verdict"].isin(COUNTING)])
    missed = set(stages.loc[stages["overdue_net"], "application_id"])

    def cycle(row):
        window = days.span(row["accepted_on"], row["energised_on"])
        excluded = set().union(*(pair.days for pair in named.get(row["application_id"], [])))
        for claim in judge.claims.get(row["application_id"], []):
            claimed = claim.days & window
            if pd.isna(claim.claim_stage) and verdict(claim, or_none(row["due_on"]), claimed) in COUNTING:
                excluded |= claimed
        return SimpleNamespace(gross_wd=len(window), net_wd=len(window - excluded))

    cycles = applications[applications["energised_on"].notna()].copy()
    outcomes = cycles.apply(cycle, axis=1)
    cycles["month"] = month(cycles["energised_on"])
    cycles["calendar_days"] = (cycles["energised_on"] - cycles["accepted_on"]).dt.days
    cycles["gross_wd"] = outcomes.apply(lambda outcome: outcome.gross_wd)
    cycles["net_wd"] = outcomes.apply(lambda outcome: outcome.net_wd)
    cycles["promised"] = cycles["promised_on"].notna()
    cycles["promise_kept"] = cycles["energised_on"] <= cycles["promised_on"]
    cycles["all_met"] = cycles["application_id"].apply(lambda application_id: application_id not in missed)
    return cycles


def main():
    """Reads, clocks row after row, and writes mart after mart."""
    job = rules.job(__doc__)
    days, clock = Days(job), pandas_marts.Clock(job)
    applications = pandas_marts.applications_of(job, clock)
    passes = passes_of(job, days, applications)
    judge = Judge(days, passes, claims_of(job, days))
    stages = stages_of(judge, passes)
    pairs = pairs_of(judge)
    cycles = cycles_of(days, applications, judge, pairs, stages)
    pandas_marts.write(job, clock, applications, stages, pairs, cycles)


if __name__ == "__main__":
    main()
