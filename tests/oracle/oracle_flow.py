"""Recomputes the critical path, the flow, the comparison of modes and the load the slow and obvious way; see oracle.py.

    python oracle_flow.py DATA_DIR AS_OF OUT_DIR
    python -m doctest oracle_flow.py          # the hand-worked checks

DOMAIN.md §6 and §8 and issue 4 leave choices; each stands where it is made, after `CHOICE:`, with the reading not
taken in parentheses. Two of them change many figures and can be switched: `--silent midnight` and `--open-end open`.
Left out: bootstrap and log-log intervals, restricted means, days between two stages, forecasts.
"""

import argparse
import csv
import math
import tomllib
from datetime import date, datetime, time
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from oracle import (
    ONE_DAY,
    Calendar,
    Rules,
    comes_before,
    grouped,
    known_on,
    mean,
    month,
    percentile,
    ratio,
    read_table,
    time_applications,
    time_claims,
    time_stage,
)
from oracle_service import finished_on, months_up_to

PROJECT = Path(__file__).resolve().parents[2]
MODES = ["order", "conventional"]
# DOMAIN §6: the first kVA of each band.
BANDS = [(0, "<315"), (315, "315-<1000"), (1000, "1000-<4000"), (4000, "4000-<10000"), (10000, ">=10000")]

# The grain, then the columns beyond it.
MARTS = {
    "stage_path": ("application_id stage pass".split(), "department waiting_wd critical critical_wd"),
    "bottleneck": (
        "department stage".split(),
        "passes rework net_wd waiting_wd critical_wd critical_share open_now open_p80_age_wd what_if_days",
    ),
    "flow": ("from_stage to_stage".split(), "count"),
    "flow_end": (["stage"], "starts ends"),
    "variant": (["variant"], "count"),
    "handover": ("from_department to_department".split(), "count"),
    "mode_comparison": (
        "voltage_kv supply new_feeder capacity_band".split(),
        "order_n conventional_n order_mean_days conventional_mean_days difference_days",
    ),
    "mode_totals": (
        [],
        """order_n conventional_n order_mean_days conventional_mean_days plain_difference_days order_matched
        order_unmatched""",
    ),
    "survival": (
        "mode day".split(),
        "at_risk energised cancelled censored survival incidence_energised incidence_cancelled",
    ),
    "survival_median": (["mode"], "cases energised cancelled open median_days"),
    "log_rank": ([], "order_observed order_expected variance chi_square p"),
    "load": ("month department".split(), "arrived finished stopped open"),
}
MARTS = {mart: (grain, columns.split()) for mart, (grain, columns) in MARTS.items()}


class Readings(NamedTuple):
    """The two choices that can be switched."""

    silent: str = "day"
    open_end: str = "event"


class Process(NamedTuple):
    """The usual order of the stages, and the stage whose finish is the energisation."""

    codes: list
    goal: str

    def rank(self, stage):
        """Where a stage stands in the usual order."""
        # CHOICE: a stage that the process does not list comes after all that it lists, by its code (before them).
        return (self.codes.index(stage), "") if stage in self.codes else (len(self.codes), stage)

    def order(self, p):
        """What the passes of one application are sorted by: start, usual order, pass."""
        # CHOICE: a start without a time of day is the first of its day (unknown, so that the usual order decides).
        return p.started_at, self.rank(p.stage), getattr(p, "pass")


def read_process(path):
    """The process from a TOML file."""
    with open(path, "rb") as file:
        content = tomllib.load(file)
    return Process([stage["code"] for stage in content["stages"]], content["goal"])


# --- the critical path, DOMAIN §8 --------------------------------------------------------------------------


def finished_by(finish, moment, readings):
    """Had something finished by this moment?"""
    # CHOICE: what finished at the very moment that the other started finished before it (not before).
    # CHOICE: 00:00 is no time of day; where either has none, days are compared, and what finished on the day that the
    # other started finished before it (00:00 is midnight: `--silent midnight`).
    if readings.silent == "day":
        return not comes_before(moment, finish)
    return finish <= moment


def gate(p, passes, process, readings):
    """The pass that gates this one: of those that finished before it started, the one that finished last; or None."""
    # CHOICE: of two that began and finished in the same moment, or on the same day without a time, the earlier in the
    # usual order came first, so that none gates the other both ways.
    candidates = []
    for q in passes:
        if q.finish is not None and process.order(q) < process.order(p):
            if finished_by(q.finish, p.started_at, readings):
                candidates.append(q)
    # CHOICE: of those that finished last together, the one begun last gates; then the later in the usual order, then
    # the higher pass. A finish without a time of day is the first of its day.
    return max(candidates, key=lambda q: (q.finish, process.order(q)), default=None)


def gate_of_energisation(application, passes, process, readings):
    """The pass that gates the energisation."""
    energised_at = application.energised_at
    candidates = []
    for q in passes:
        if q.finish is None:
            continue
        # CHOICE: the goal's pass that finished on the day of energisation counts, though closed minutes after it (not).
        if q.stage == process.goal and q.finish.date() == energised_at.date():
            candidates.append(q)
            continue
        # CHOICE: what began and finished on the day of energisation, without times of day that tell, gates it if it
        # comes before the goal in the usual order, not after (archiving would gate it). The same at the very moment.
        after_goal = process.rank(q.stage) > process.rank(process.goal)
        begun_before = comes_before(q.started_at, energised_at)
        begun_after = comes_before(energised_at, q.started_at)
        if readings.silent == "midnight":
            begun_before, begun_after = q.started_at < energised_at, energised_at < q.started_at
        if begun_after or (after_goal and not begun_before):
            continue
        if finished_by(q.finish, energised_at, readings):
            candidates.append(q)
    # CHOICE: of those that finished last together, the goal's pass gates.
    return max(candidates, key=lambda q: (q.finish, q.stage == process.goal, process.order(q)), default=None)


def last_pass(passes, process, readings):
    """The pass of the latest event, at which the path of an application without energisation ends; or None."""
    # CHOICE: the latest event is the latest start or finish, though a pass begun earlier is still open beside it (an
    # open pass first: `--open-end open`). It is one of those that gate no other, which decides ties and silences.
    gates = [p.gate for p in passes]
    ends = [p for p in passes if p not in gates]

    def latest(p):
        is_open = readings.open_end == "open" and p.finish is None
        return is_open, max(p.started_at, p.finish or p.started_at), process.order(p)

    return max(ends, key=latest, default=None)


def trace_path(application, passes, process, calendar, readings):
    """Fills in finish, gate, waiting_wd, critical and critical_wd of one application's passes."""
    for p in passes:
        p.critical, p.critical_wd = False, 0
        p.gate = gate(p, passes, process, readings)
        # CHOICE: the first pass, with no finish before it, waited for nothing: empty, 0 in sums (since acceptance).
        p.waiting_wd = None
        if p.gate is not None:
            p.waiting_wd = calendar.between(p.gate.finish.date(), p.started_at.date())

    if application.energised:
        p = gate_of_energisation(application, passes, process, readings)
        wait_after = calendar.between(p.finish.date(), application.energised_on) if p else 0
    else:
        # CHOICE: a cancelled application has a path, to its latest event by the day it was cancelled (none); one both
        # energised and cancelled is cancelled.
        # CHOICE: a pass begun after that day is on no path.
        # CHOICE: the last pass of an open or cancelled application is critical with its net days so far; the wait
        # since its finish, to as-of or cancellation, is nobody's (critical).
        known = [p for p in passes if not p.begun_too_late]
        p = last_pass(known, process, readings)
        wait_after = 0
    # CHOICE: the wait from acceptance to the first pass of the path is nobody's.
    while p is not None:
        p.critical = True
        p.critical_wd = p.days_worked + wait_after
        wait_after = p.waiting_wd
        p = p.gate


def finish_at_limit(p, calendar):
    """The first day on which the net time of an overdue pass had reached its limit."""
    # CHOICE: found by walking from the start and leaving out the admitted days (W(finish) − over_wd, or over_wd
    # times 7/5). A limit below 0: the day of the start.
    excluded = set()
    for pair in p.pairs:
        if pair.verdict == "admitted":
            excluded |= pair.days
    net_wd = 0
    day = p.started_at.date()
    while net_wd < p.limit_wd:
        day += ONE_DAY
        if calendar.is_working(day) and day not in excluded:
            net_wd += 1
    return day


def what_if_days(passes, energised, calendar):
    """By how many days the mean cycle would fall had these passes, where overdue and critical, kept their limits."""
    # CHOICE: all that follows moves forward by as many calendar days as are saved, and nothing that ran beside it gates
    # instead (parallel work and weekends would eat some of it).
    saved = 0
    for p in passes:
        if p.application.energised and p.critical and p.overdue_net:
            saved += (p.finish.date() - finish_at_limit(p, calendar)).days
    return ratio(saved, energised)


# --- the marts ---------------------------------------------------------------------------------------------


def stage_path(context):
    """What the path says of every pass."""
    for p in context.passes:
        yield (
            p.application_id,
            p.stage,
            getattr(p, "pass"),
            p.department,
            p.waiting_wd,
            p.critical,
            p.critical_wd,
        )


def bottleneck(context):
    """The mart `bottleneck`, over the passes of all applications: energised, open and cancelled."""
    energised = sum(a.energised for a in context.applications)
    all_critical_wd = sum(p.critical_wd for p in context.passes)
    for key, passes in grouped(context.passes, lambda p: (p.department, p.stage)):
        critical_wd = sum(p.critical_wd for p in passes)
        # CHOICE: a pass is open though its application is energised; not if cancelled.
        ages = [p.gross_wd for p in passes if p.finish is None and p.application.cancelled_on is None]
        yield (
            *key,
            len(passes),
            # CHOICE: rework is what the export numbers 2 or more, whether or not the first pass is there, and counts
            # for the department that does it again (all but the first begun).
            sum(getattr(p, "pass") > 1 for p in passes),
            sum(p.days_worked for p in passes),
            sum(p.waiting_wd or 0 for p in passes),
            critical_wd,
            # CHOICE: the share of all critical days, of all applications (of the energised ones).
            ratio(critical_wd, all_critical_wd),
            len(ages),
            percentile(ages, 0.8) if ages else None,
            what_if_days(passes, energised, context.calendar),
        )


def follows(context):
    """Every pair of passes of which one directly follows the other in its application."""
    # CHOICE: applications that are open or cancelled have a trace too, as far as it goes, also past the cancellation.
    for a in context.applications:
        yield from zip(a.passes, a.passes[1:])


def counted(keys):
    """(*key, count) in order of key."""
    for key, rows in grouped(keys, lambda key: key):
        yield *key, len(rows)


def flow(context):
    """The mart `flow`."""
    return counted([(p.stage, q.stage) for p, q in follows(context)])


def flow_end(context):
    """In how many applications each stage comes first, and last."""
    # CHOICE: the last pass of an open application is an end too (only of the finished ones).
    traces = [a.passes for a in context.applications if a.passes]
    for stage in sorted({p.stage for p in context.passes}):
        yield stage, sum(t[0].stage == stage for t in traces), sum(t[-1].stage == stage for t in traces)


def variant(context):
    """How many applications went each way."""
    # CHOICE: applications without any stage have no variant (an empty one).
    return counted([("→".join(p.stage for p in a.passes),) for a in context.applications if a.passes])


def handover(context):
    """The mart `handover`."""
    # CHOICE: a department that follows itself has a row too (no handover).
    return counted([(p.department, q.department) for p, q in follows(context)])


def capacity_band(capacity_kva):
    """The band of DOMAIN §6.

    >>> [capacity_band(kva) for kva in (8, 314.9, 315, 1000, 3999.5, 4000, 48000)]
    ['<315', '<315', '315-<1000', '1000-<4000', '1000-<4000', '4000-<10000', '>=10000']
    """
    return [band for first, band in BANDS if capacity_kva >= first or first == 0][-1]


def days_by_mode(applications):
    """The calendar days of the order-style and of the conventional ones."""
    days = {mode: [] for mode in MODES}
    for a in applications:
        days[a.mode].append(a.days)
    return days["order"], days["conventional"]


def difference(a, b):
    """a − b; None if either is."""
    return a - b if a is not None and b is not None else None


def mode_comparison(context):
    """The mart `mode_comparison`; the row `all` has `all` as its capacity band and the rest of the stratum empty."""

    def stratum(a):
        return a.voltage_kv, a.supply or "single", bool(a.new_feeder), capacity_band(a.capacity_kva)

    matched = []
    # CHOICE: strata with one mode only have a row too, without a difference (no row).
    for key, rows in grouped([a for a in context.applications if a.energised], stratum):
        order, conventional = days_by_mode(rows)
        yield (
            *key,
            len(order),
            len(conventional),
            mean(order),
            mean(conventional),
            difference(mean(order), mean(conventional)),
        )
        if order and conventional:
            matched.append((order, conventional))
    # CHOICE: in `all` the counts are of the matched strata (of all energised), and both means are weighted by order_n,
    # so that their difference is the matched one.
    order_n = sum(len(order) for order, _ in matched)
    order_mean = ratio(sum(len(order) * mean(order) for order, _ in matched), order_n)
    conventional_mean = ratio(sum(len(order) * mean(other) for order, other in matched), order_n)
    yield (
        None,
        None,
        None,
        "all",
        order_n,
        sum(len(other) for _, other in matched),
        order_mean,
        conventional_mean,
        difference(order_mean, conventional_mean),
    )


def mode_totals(context):
    """The plain difference, and how many order-style ones found no match."""
    order, conventional = days_by_mode([a for a in context.applications if a.energised])
    matched = list(mode_comparison(context))[-1][4]
    yield (
        len(order),
        len(conventional),
        mean(order),
        mean(conventional),
        difference(mean(order), mean(conventional)),
        matched,
        len(order) - matched,
    )


# --- survival, DOMAIN §6: a case is (days, end), its end energised, cancelled or open ------------------------


def survival_table(cases):
    """Kaplan–Meier of the energisation and Aalen–Johansen of both ends, in fractions, for every day with an end.

    Freireich et al. 1963, remission under 6-MP in weeks (as in Kleinbaum & Klein, Survival Analysis, table 2.1):

    >>> for row in survival_table(SIX_MP)[:7]:
    ...     print(*row[:5], round(float(row[5]), 4))
    6 21 3 0 1 0.8571
    7 17 1 0 0 0.8067
    9 16 0 0 1 0.8067
    10 15 1 0 1 0.7529
    11 13 0 0 1 0.7529
    13 12 1 0 0 0.6902
    16 11 1 0 0 0.6275
    >>> median(survival_table(SIX_MP)), median(survival_table(PLACEBO))
    (23, 8)

    Four cases by hand. Energised: 1/4 on day 1, then 1/4 + 1/2·1/2 on day 3; cancelled: 3/4·1/3 on day 2. Kaplan–Meier
    takes the cancelled one for censored: 3/4, 3/4, 3/4·1/2.

    >>> table = survival_table([(1, "energised"), (2, "cancelled"), (3, "energised"), (4, "open")])
    >>> for row in table:
    ...     print(*row)
    1 4 1 0 0 3/4 1/4 0
    2 3 0 1 0 3/4 1/4 1/4
    3 2 1 0 0 3/8 1/2 1/4
    4 1 0 0 1 3/8 1/2 1/4
    """
    # CHOICE: what is censored on a day was still at risk on it; so are the cancelled for Kaplan–Meier.
    table = []
    survival = Fraction(1)  # not energised, were nobody cancelled
    in_progress = Fraction(1)  # neither energised nor cancelled
    incidence_energised = incidence_cancelled = Fraction(0)
    for day in sorted({days for days, _ in cases}):
        at_risk = sum(days >= day for days, _ in cases)
        energised = cases.count((day, "energised"))
        cancelled = cases.count((day, "cancelled"))
        censored = cases.count((day, "open"))
        incidence_energised += in_progress * Fraction(energised, at_risk)
        incidence_cancelled += in_progress * Fraction(cancelled, at_risk)
        in_progress *= 1 - Fraction(energised + cancelled, at_risk)
        survival *= 1 - Fraction(energised, at_risk)
        table.append(
            (day, at_risk, energised, cancelled, censored, survival, incidence_energised, incidence_cancelled)
        )
    return table


def median(table):
    """The first day on which no more than half survive; None if there is none."""
    # CHOICE: where exactly half survive for a while, the first day of it (its middle).
    return next((row[0] for row in table if row[5] <= Fraction(1, 2)), None)


def log_rank_test(first, second):
    """(observed, expected, variance) of the energised of the first, for the log-rank test.

    Freireich et al. 1963; published: expected 19.25, variance 6.2570, chi-square 16.79.

    >>> observed, expected, variance = log_rank_test(SIX_MP, PLACEBO)
    >>> print(observed, round(float(expected), 2), round(float(variance), 4))
    9 19.25 6.257
    >>> round(float((observed - expected) ** 2 / variance), 2)
    16.79
    """
    observed = 0
    expected = variance = Fraction(0)
    for day in sorted({days for days, end in first + second if end == "energised"}):
        at_risk = sum(days >= day for days, _ in first + second)
        at_risk_first = sum(days >= day for days, _ in first)
        events = (first + second).count((day, "energised"))
        share = Fraction(at_risk_first, at_risk)
        observed += first.count((day, "energised"))
        expected += events * share
        if at_risk > 1:
            variance += events * share * (1 - share) * Fraction(at_risk - events, at_risk - 1)
    return observed, expected, variance


def cases_by_mode(context):
    """(mode, cases) for each mode."""
    for mode in MODES:
        yield mode, [(a.days, a.end) for a in context.applications if a.mode == mode]


def survival(context):
    """The table of each mode."""
    for mode, cases in cases_by_mode(context):
        for *counts, surviving, energised, cancelled in survival_table(cases):
            yield mode, *counts, float(surviving), float(energised), float(cancelled)


def survival_median(context):
    """The cases of each mode, and the median of Kaplan–Meier."""
    for mode, cases in cases_by_mode(context):
        ends = [end for _, end in cases]
        counts = [ends.count(end) for end in ("energised", "cancelled", "open")]
        yield mode, len(cases), *counts, median(survival_table(cases))


def log_rank(context):
    """The log-rank test of the two modes."""
    observed, expected, variance = log_rank_test(*[cases for _, cases in cases_by_mode(context)])
    chi_square = p = None
    if variance > 0:
        chi_square = float((observed - expected) ** 2 / variance)
        p = math.erfc(math.sqrt(chi_square / 2))
    yield observed, float(expected), float(variance), chi_square, p


# --- load --------------------------------------------------------------------------------------------------


def load(context):
    """The mart `load`: open = open of the month before + arrived − finished − stopped."""
    rows = []
    for department, passes in grouped(context.passes, lambda p: p.department):
        for first in months_up_to(month(min(p.started_at.date() for p in passes)), context.as_of):
            in_month = lambda day: day is not None and month(day) == first
            arrived = finished = stopped = still_open = 0
            for p in passes:
                arrived += in_month(p.started_at.date())
                finished += in_month(p.finish and p.finish.date())
                # CHOICE: a pass that the cancellation stopped leaves on that day, and is not finished (is); one begun
                # after the cancellation arrives and leaves on the day it began.
                stopped += in_month(p.stopped_on)
                gone_on = p.stopped_on or (p.finish and p.finish.date())
                arrived_by_end = month(p.started_at.date()) <= first
                still_open += arrived_by_end and (gone_on is None or month(gone_on) > first)
            # CHOICE: months in which nothing arrived, ended or was open have no row (zeros).
            if arrived or finished or stopped or still_open:
                rows.append((first, department, arrived, finished, stopped, still_open))
    return sorted(rows)


# --- all of it ---------------------------------------------------------------------------------------------


def end_of(application, as_of):
    """How an application ended, and its calendar days since acceptance."""
    # CHOICE: one both energised and cancelled is cancelled, on the day of the cancellation (on the earlier day).
    # CHOICE: cancelled before it was accepted: after 0 days.
    if application.cancelled_on is not None:
        return "cancelled", max(0, (application.cancelled_on - application.accepted_on).days)
    if application.energised_on is not None:
        return "energised", (application.energised_on - application.accepted_on).days
    return "open", (as_of - application.accepted_on).days


def read_context(folder, as_of, calendar, process, rules, readings):
    """Everything known by as-of, timed and with its critical paths."""
    # CHOICE: a missing pass is 1, and rows that then share their key but differ are all left out, as oracle.py reads it
    # (passes numbered by start).
    read = lambda table: read_table(folder, table) or []
    context = SimpleNamespace(as_of=as_of, calendar=calendar)
    context.applications = time_applications(read("applications"), as_of, calendar)
    by_id = {a.application_id: a for a in context.applications}
    for a in context.applications:
        a.end, a.days = end_of(a, as_of)
        a.energised = a.end == "energised"
        a.passes = []
        a.claims = []
    for claim in time_claims(read("delays"), as_of, calendar):
        if claim.application_id in by_id:
            by_id[claim.application_id].claims.append(claim)
    for p in read("stages"):
        if p.application_id in by_id and known_on(p.started_at, as_of):
            by_id[p.application_id].passes.append(p)
    for a in context.applications:
        a.passes.sort(key=process.order)
        for p in a.passes:
            time_stage(p, a, a.claims, as_of, calendar, rules)
            fill_in(p, a, as_of)
        trace_path(a, a.passes, process, calendar, readings)
    context.passes = [p for a in context.applications for p in a.passes]
    return context


def fill_in(p, application, as_of):
    """What the path and the load ask of a pass, beside its clock."""
    p.application = application
    p.finish = p.finished_at if finished_on(p, application, as_of) else None
    cancelled_on = application.cancelled_on
    p.begun_too_late = cancelled_on is not None and p.started_at.date() > cancelled_on
    # CHOICE: a pass begun after the cancellation counts as a pass, of 0 days (negative ones).
    p.days_worked = max(0, p.net_wd)
    p.stopped_on = None
    if cancelled_on is not None and p.finish is None:
        p.stopped_on = max(cancelled_on, p.started_at.date())


def compute(folder, as_of, calendar, process, rules=Rules(), readings=Readings()):
    """Every mart as a list of rows, by name."""
    context = read_context(folder, as_of, calendar, process, rules, readings)
    marts = [
        stage_path, bottleneck, flow, flow_end, variant, handover, mode_comparison, mode_totals, survival,
        survival_median, log_rank, load,
    ]  # fmt: skip
    return {mart.__name__: list(mart(context)) for mart in marts}


# --- hand-worked checks ------------------------------------------------------------------------------------

RELAPSES = [6, 6, 6, 7, 10, 13, 16, 22, 23]
SIX_MP = [(week, "energised") for week in RELAPSES]
SIX_MP += [(week, "open") for week in [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
PLACEBO = [(week, "energised") for week in PLACEBO]


def example(passes, accepted="2", energised=None, cancelled=None, as_of=31, delay=None, **readings):
    """Paths of one conventional 10 kV application in March 2026; a moment is `DAY` or `DAYTHH:MM`.

    `passes` holds lines of `stage start finish`; `-` is no finish. The 2nd is a Monday; the month has no holiday.
    Prints stage, waiting_wd, critical_wd (`.` where not critical), calendar days saved by keeping the limit.

    One after the other, without times of day. Survey waits from the 3rd to the 5th, 2 working days; scheme begins on
    the day that survey finished. The wait after final_inspection (13th to 16th) is 1, as the weekend is none. The
    energisation took 9 working days for a limit of 7, which ran out on the 25th: 2 calendar days.

    >>> example('''acceptance 2 3
    ...     survey 5 6
    ...     scheme 6 12
    ...     final_inspection 12 13
    ...     energisation 16 27''', energised=27)
    acceptance - 3 0
    survey 2 1 0
    scheme 0 4 0
    final_inspection 0 2 0
    energisation 1 9 2

    Beside one another: grid works to the 20th and the contract to the 10th; only grid works gates the energisation.
    Archiving comes after it, on the same day. The wait from the 20th to the 23rd is grid works', 1 working day.

    >>> example('''scheme 2 4
    ...     grid_works 4 20
    ...     contract 4 10
    ...     energisation 23 24
    ...     archiving 24 24''', energised=24)
    scheme - 2 0
    grid_works 0 13 0
    contract 0 . 0
    energisation 1 1 0
    archiving 0 . 0

    With times of day, what finished later on the day gates nothing that had begun; without, it does.

    >>> example('''survey 2T09:00 6T15:00
    ...     scheme 6T10:00 9T11:00
    ...     energisation 9T12:00 10T12:00''', energised="10T12:00")
    survey - . 0
    scheme - 1 0
    energisation 0 1 0
    >>> example('''survey 2 6T15:00
    ...     scheme 6 9T11:00
    ...     energisation 9 10T12:00''', energised="10")
    survey - 4 0
    scheme 0 1 0
    energisation 0 1 0
    >>> example('''survey 2 6T15:00
    ...     scheme 6 9T11:00
    ...     energisation 9 10T12:00''', energised="10", silent="midnight")
    survey - 5 0
    scheme - . 0
    energisation 1 1 0

    Three within one day, none with a time of day: in the usual order. A second pass is another step; the survey that is
    missing is simply not there. Acceptance has one day, to the 3rd: finished on the 5th, 2 days could be saved.

    >>> example('''fee 5 5
    ...     scheme 5 5
    ...     acceptance 2 5
    ...     energisation 9 10
    ...     energisation/2 10 11''', energised=11)
    acceptance - 3 2
    scheme 0 0 0
    fee 0 2 0
    energisation 2 1 0
    energisation/2 0 1 0

    Open, the latest event a start: the open pass counts to as-of, the 31st (3rd to 31st are 20 working days).

    >>> example('''acceptance 2 2
    ...     survey 3 -''')
    acceptance - 1 0
    survey 1 20 0

    Open, the latest event a finish beside an open pass: the path ends at the finish, unless open passes come first.

    >>> example('''scheme 2 4
    ...     grid_works 4 -
    ...     contract 6 10''')
    scheme - 4 0
    grid_works 0 . 0
    contract 2 2 0
    >>> example('''scheme 2 4
    ...     grid_works 4 -
    ...     contract 6 10''', open_end="open")
    scheme - 2 0
    grid_works 0 19 0
    contract 2 . 0

    Cancelled on the 10th, and never known of what began later.

    >>> example('''scheme 2 4
    ...     grid_works 5 25
    ...     contract 12 13''', cancelled=10)
    scheme - 3 0
    grid_works 1 3 0
    contract 6 . 0

    A claim from the 4th to the 6th, admitted: survey (limit 5) has 2nd to 13th less 2 days, 7 net. Without the claim it
    would have run out on the 9th, with it on the 11th: 2 calendar days saved.

    >>> example('''survey 2 13
    ...     energisation 13 13''', energised=13, delay=("survey", 4, 6))
    survey - 7 2
    energisation 0 0 0
    """

    def moment(text):
        if text in (None, "-"):
            return None
        day, _, clock = str(text).partition("T")
        return datetime.combine(date(2026, 3, int(day)), time.fromisoformat(clock or "00:00"))

    calendar = Calendar(PROJECT / "pipelines" / "calendars" / "cn.toml")
    process = read_process(PROJECT / "pipelines" / "process.toml")
    as_of = date(2026, 3, as_of)
    application = SimpleNamespace(
        accepted_at=moment(accepted), energised_at=moment(energised), cancelled_at=moment(cancelled),
        promised_on=None, mode="conventional", voltage_kv=10, supply=None, new_feeder=None,
    )  # fmt: skip
    (application,) = time_applications([application], as_of, calendar)
    application.end, application.days = end_of(application, as_of)
    application.energised = application.end == "energised"
    claims = []
    if delay is not None:
        stage, began, ended = delay
        claim = SimpleNamespace(stage=stage, cause="customer", ruling="admitted")
        claim.began_at = claim.reported_at = moment(began)
        claim.ended_at = moment(ended)
        claims = time_claims([claim], as_of, calendar)
    rows = []
    for line in passes.splitlines():
        stage, start, finish = line.split()
        stage, _, number = stage.partition("/")
        row = {"stage": stage, "pass": int(number or 1), "due_on": None}
        rows.append(SimpleNamespace(**row, started_at=moment(start), finished_at=moment(finish)))
    rows.sort(key=process.order)
    for p in rows:
        time_stage(p, application, claims, as_of, calendar, Rules())
        fill_in(p, application, as_of)
    trace_path(application, rows, process, calendar, Readings(**readings))
    for p in rows:
        number = getattr(p, "pass")
        name = p.stage if number == 1 else f"{p.stage}/{number}"
        waiting_wd = "-" if p.waiting_wd is None else p.waiting_wd
        saved = what_if_days([p], 1, calendar)
        print(name, waiting_wd, p.critical_wd if p.critical else ".", f"{saved:.0f}")


def main():
    """Reads the arguments, writes one CSV for each mart."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data_dir", type=Path)
    arguments.add_argument("as_of", type=date.fromisoformat)
    arguments.add_argument("out_dir", type=Path)
    arguments.add_argument("--calendar", type=Path, default=PROJECT / "pipelines" / "calendars" / "cn.toml")
    arguments.add_argument("--process", type=Path, default=PROJECT / "pipelines" / "process.toml")
    arguments.add_argument("--excludable-causes", default="customer", help="separated by commas")
    arguments.add_argument("--pending", choices=["admit", "refuse"], default="admit")
    arguments.add_argument("--no-timely-report", action="store_true", help="late reports count too")
    arguments.add_argument("--silent", choices=["day", "midnight"], default="day", help="what 00:00 says")
    arguments.add_argument("--open-end", choices=["event", "open"], default="event", help="the end of an open path")
    given = arguments.parse_args()

    causes = tuple(given.excludable_causes.split(","))
    rules = Rules(causes, given.pending, not given.no_timely_report)
    readings = Readings(given.silent, given.open_end)
    process = read_process(given.process)
    marts = compute(given.data_dir, given.as_of, Calendar(given.calendar), process, rules, readings)
    given.out_dir.mkdir(parents=True, exist_ok=True)
    for name, rows in marts.items():
        grain, columns = MARTS[name]
        with open(given.out_dir / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(grain + columns)
            for row in rows:
                assert len(row) == len(grain + columns), name
                writer.writerow(row)


if __name__ == "__main__":
    main()
