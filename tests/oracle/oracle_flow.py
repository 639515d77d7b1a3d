"""Recomputes the critical path, the flow, the comparison of modes and the load the slow and obvious way; see oracle.py.

    python oracle_flow.py DATA_DIR AS_OF OUT_DIR
    python -m doctest oracle_flow.py          # the hand-worked checks

DOMAIN.md §6 and §8 and issue 4 leave choices; each stands where it is made, after `CHOICE:`, with the reading not
taken in parentheses. Two of them change many figures and can be switched: `--silent midnight` and `--open-end open`.
Left out: intervals (bootstrap, log-log, Welch), remarks, forecasts.
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

import numpy as np
from oracle import (
    COUNTING,
    ONE_DAY,
    Calendar,
    Rules,
    comes_before,
    grouped,
    known_on,
    mean,
    month,
    one_month_later,
    passes_known,
    percentile,
    ratio,
    read_table,
    time_applications,
    time_claims,
    time_stage,
    verdict,
)
from oracle_service import finished_on, months_up_to
from oracle_split import PARTS, fulfilment, time_split, volume, whose_days

PROJECT = Path(__file__).resolve().parents[2]
MODES = ["order", "conventional"]
# DOMAIN §6: the first kVA of each band; and classes of voltage, by the first kV.
CAPACITY_BANDS = [(0, "below_315"), (315, "315_1000"), (1000, "1000_4000"), (4000, "4000_10000"), (10000, "from_10000")]
VOLTAGE_CLASSES = [(0, "below_1_kv"), (1, "1_35_kv"), (35, "35_110_kv"), (110, "from_110_kv")]

# The grain, then the columns beyond it. `stages` and `applications` are clean tables.
TIMES = "median_wd p90_wd median_days p90_days"
MARTS = {
    "stages": (
        "application_id stage pass".split(),
        """department rework waiting_wd on_critical critical_wd critical_work_days critical_wait_days
        saved_at_limit_days saved_half_wait_days""",
    ),
    "applications": (
        ["application_id"],
        """variant passes_rework critical_wd critical_wait_days lead_days tail_days saved_at_limits_days utility_work_days
        utility_waiting_days customer_days government_days other_days""",
    ),
    "bottleneck": (
        "department stage".split(),
        """passes rework net_wd waiting_wd critical_wd critical_share critical_work_days critical_wait_days open_now
        open_p80_age_wd saved_at_limit_days saved_half_wait_days energised what_if_days what_if_half_wait_days""",
    ),
    "time_split": (
        "month bureau mode".split(),
        """completed mean_calendar_days mean_work_days mean_waiting_days mean_customer_days mean_government_days
        mean_other_days""",
    ),
    "volume": (
        "month bureau mode voltage_class".split(),
        """accepted accepted_kva energised energised_kva cancelled cancelled_kva open_end open_kva accepted_before
        accepted_before_kva energised_before energised_before_kva cancelled_before cancelled_before_kva open_before
        open_before_kva accepted_year accepted_year_kva energised_year energised_year_kva cancelled_year
        cancelled_year_kva""",
    ),
    "fulfilment": (
        "month bureau".split(),
        """high_cases high_met high_rate low_cases low_met low_rate generation_cases generation_met generation_rate index
        not_assessed""",
    ),
    "flow": ("from_stage to_stage kind".split(), f"transitions applications rework overlapping {TIMES}"),
    "handover": (
        "from_department to_department".split(),
        f"changes_hands transitions applications overlapping {TIMES}",
    ),
    "variant": (["variant"], "rank applications share stages rework energised open_now mean_days median_days"),
    "mode_comparison": (
        "voltage_kv supply new_feeder capacity_band capacity_band_to".split(),
        "matched order_n conventional_n order_mean_days conventional_mean_days difference_days horizon_days",
    ),
    "mode_sensitivity": (
        ["analysis"],
        """order_n conventional_n left_out_n order_value conventional_value difference chi2 p_value horizon_days""",
    ),
    "mode_effect": (
        "scope measure".split(),
        "order_n conventional_n order_value conventional_value difference chi2 p_value horizon_days",
    ),
    "mode_widening": (
        "voltage_kv supply new_feeder capacity_band capacity_band_to".split(),
        "matched order_n conventional_n order_mean_days conventional_mean_days difference_days horizon_days",
    ),
    "mode_cost": (
        ["scope"],
        """bureaus high_n low_n left_out_n high_open low_open high_mean_days low_mean_days difference_days
        horizon_days""",
    ),
    "survival": ("scope mode day".split(), "at_risk energised censored survival"),
    "cumulative_incidence": (
        "scope mode day".split(),
        "at_risk energised cancelled cif_energised cif_cancelled",
    ),
    "load": (
        "month department".split(),
        """arrived finished open_start open_end change trend working_wd throughput_wd mean_lead_wd little_wd
        p50_age_wd p80_age_wd history_p50_wd history_p80_wd aged""",
    ),
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


def waited_for(p, passes, process, readings):
    """The passes that had finished when this one started."""
    # CHOICE: of two that began and finished in the same moment, or on the same day without a time, the earlier in the
    # usual order came first, so that none gates the other both ways.
    earlier = [q for q in passes if q.finish is not None and process.order(q) < process.order(p)]
    return [q for q in earlier if finished_by(q.finish, p.started_at, readings)]


def gate(before, process):
    """Of the passes that had finished before something, the one that finished last; None of none."""
    # CHOICE: of those that finished last together, the one begun last gates; then the later in the usual order, then
    # the higher pass. A finish without a time of day is the first of its day.
    return max(before, key=lambda q: (q.finish, process.order(q)), default=None)


def waited_for_by_energisation(application, passes, process, readings):
    """The passes that had finished when the supply went live."""
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
        # A stage that the process does not list is not known to come after the goal.
        after_goal = q.stage in process.codes and process.rank(q.stage) > process.rank(process.goal)
        begun_before = comes_before(q.started_at, energised_at)
        begun_after = comes_before(energised_at, q.started_at)
        if readings.silent == "midnight":
            begun_before, begun_after = q.started_at < energised_at, energised_at < q.started_at
        if begun_after or (after_goal and not begun_before):
            continue
        if finished_by(q.finish, energised_at, readings):
            candidates.append(q)
    return candidates


def gate_of_energisation(before, process):
    """Of the passes that had finished before the energisation, the one that finished last; None of none."""
    # CHOICE: of those that finished last together, the goal's pass gates.
    return max(before, key=lambda q: (q.finish, q.stage == process.goal, process.order(q)), default=None)


def last_pass(passes, process, readings):
    """The pass of the latest event, at which the path of an application without energisation ends; or None."""
    # CHOICE: the latest event is the last finish, or the start of a pass that is still open where nothing finished
    # after that; one of those that gate no other (an open pass first, whenever it began: `--open-end open`).
    gates = {id(p.gate) for p in passes}
    ends = [p for p in passes if id(p) not in gates]
    still_open = max([p for p in ends if p.finish is None], key=process.order, default=None)
    finished = gate([p for p in ends if p.finish is not None], process)
    if still_open is None or finished is None:
        return still_open or finished
    if readings.open_end == "open" or finished_by(finished.finish, still_open.started_at, readings):
        return still_open
    return finished


def trace_path(application, passes, process, calendar, rules, as_of, readings):
    """Fills in what the path says of an application and of its passes."""
    for number, p in enumerate(passes):
        p.critical, p.critical_wd, p.critical_work_days, p.critical_wait_days = False, 0, 0, 0
        p.saved_at_limit_days = p.saved_half_wait_days = 0
        p.rework = any(q.stage == p.stage for q in passes[:number])
        p.before = waited_for(p, passes, process, readings)
        p.gate = gate(p.before, process)
        # CHOICE: the first pass, with no finish before it, waited for nothing: empty, 0 in sums (since acceptance).
        p.waiting_wd = None
        if p.gate is not None:
            p.waiting_wd = calendar.between(p.gate.finish.date(), p.started_at.date())

    application.saved_at_limits_days = 0
    if application.energised:
        application.before = waited_for_by_energisation(application, passes, process, readings)
        p = gate_of_energisation(application.before, process)
    else:
        # CHOICE: a cancelled application has a path, to its latest event by the day it was cancelled (none).
        # CHOICE: a pass begun after that day is on no path.
        known = [p for p in passes if not p.begun_too_late]
        p = last_pass(known, process, readings)
    path = []
    while p is not None:
        path.insert(0, p)
        p.critical = True
        p.critical_work_days = lapse(p)
        p.critical_wait_days = days_waited(p.started_at.date(), [p.gate] if p.gate else [])
        p = p.gate
    # CHOICE: the first pass of the path has been awaited since the acceptance (nobody has); days before it are none.
    application.whose = whose_days(application, path, as_of, calendar, rules)
    for p in path:
        own = [(day, is_wait) for day, _, charged, is_wait, at, *_ in application.whose if at is p and charged]
        p.critical_wd = sum(calendar.is_working(day) for day, _ in own)
        p.queue_days = sum(is_wait for _, is_wait in own) if p.gate else 0
    if application.energised:
        fill_in_what_if(application, path, calendar)


def finish_at_limit(p, calendar):
    """The first day on which the net time of an overdue pass had reached its limit."""
    # CHOICE: found by walking from the start and leaving out the admitted days (W(finish) − over_wd, or over_wd
    # times 7/5). A limit below 0: the day of the start.
    excluded = set()
    for pair in p.pairs:
        if pair.verdict in COUNTING:
            excluded |= pair.days
    net_wd = 0
    day = p.clock_on
    while net_wd < p.limit_wd:
        day += ONE_DAY
        if calendar.is_working(day) and day not in excluded:
            net_wd += 1
    return max(day, p.begun_on)


# --- what if ------------------------------------------------------------------------------------------------


def lapse(p):
    """Calendar days from the start of a pass to its end."""
    return (p.until - p.started_at.date()).days


def days_waited(begun_on, before):
    """Calendar days from the last finish of what was finished before, to that day; 0 where there was nothing."""
    return (begun_on - max(q.finish.date() for q in before)).days if before else 0


def energised_again(application, lapses, waits):
    """When the application would be energised, in days since its acceptance, were these its lapses and waits.

    Each pass begins when the last of all those that it waited for, on the path or not, has finished, and its wait is
    over; one that waited for none begins when it did. `lapses` and `waits` hold what is not as it was: by id of the
    pass, or None for the energisation.
    """
    since = application.accepted_on

    def begins(begun_on, before, wait):
        if not before:
            return (begun_on - since).days
        return max(finish[id(q)] for q in before) + wait

    finish = {}
    for p in application.passes:
        began_on = p.started_at.date()
        wait = waits.get(id(p), days_waited(began_on, p.before))
        finish[id(p)] = begins(began_on, p.before, wait) + lapses.get(id(p), lapse(p))
    energised_on, before = application.energised_on, application.before
    return begins(energised_on, before, days_waited(energised_on, before))


def divide_gain(application, path, mended):
    """By how many days each pass of the path brings the energisation forward; `mended(p)` is (lapses, waits) or None.

    The passes of one department are mended one after another, from the first of the path on, and all those before
    stay mended: each brings what it adds.
    """
    gains = {}
    for department in {p.department for p in path}:
        lapses, waits = {}, {}
        ends = energised_again(application, lapses, waits)
        for p in path:
            if p.department == department:
                shorter, sooner = mended(p)
                lapses |= shorter
                waits |= sooner
                ends, ended = energised_again(application, lapses, waits), ends
                gains[id(p)] = ended - ends
    return gains


def kept_limit(p, calendar):
    """The lapse of an overdue pass, had it finished at its limit."""
    return {id(p): (finish_at_limit(p, calendar) - p.started_at.date()).days} if p.overdue_net else {}


def fill_in_what_if(application, path, calendar):
    """What keeping its limits, and halving its waits, would bring of each department on the path."""
    by_limits = divide_gain(application, path, lambda p: (kept_limit(p, calendar), {}))
    # CHOICE: a department can halve its own queue, not the customer's part of the wait (all of it).
    waited = lambda p: days_waited(p.started_at.date(), p.before)
    halved = lambda p: {id(p): waited(p) - Fraction(p.queue_days, 2)}
    by_waits = divide_gain(application, path, lambda p: ({}, halved(p)))
    for p in path:
        p.saved_at_limit_days = by_limits[id(p)]
        p.saved_half_wait_days = by_waits[id(p)]
    # All departments together; less than the sum of each where they gain on the same wait.
    lapses = {}
    for p in path:
        lapses |= kept_limit(p, calendar)
    nothing = energised_again(application, {}, {})
    application.saved_at_limits_days = nothing - energised_again(application, lapses, {})


# --- the marts ---------------------------------------------------------------------------------------------


def stages(context):
    """What the path says of every pass."""
    for p in context.passes:
        yield (
            p.application_id,
            p.stage,
            getattr(p, "pass"),
            p.department,
            p.rework,
            p.waiting_wd,
            p.critical,
            p.critical_wd,
            p.critical_work_days,
            p.critical_wait_days,
            p.saved_at_limit_days,
            float(p.saved_half_wait_days),
        )
    for a in context.applications:
        for p in a.known:
            if not p.begun_on:
                yield a.application_id, p.stage, getattr(p, "pass"), p.department, False, None, False, 0, 0, 0, 0, 0.0


def applications(context):
    """What the path says of every application."""
    for a in context.applications:
        path = [p for p in a.passes if p.critical]
        lead = tail = None
        if a.energised:
            began_on = path[0].started_at.date() if path else a.energised_on
            lead = (began_on - a.accepted_on).days
            tail = (a.energised_on - path[-1].until).days if path else 0
        yield (
            a.application_id,
            way(a),
            sum(p.rework for p in a.passes),
            sum(p.critical_wd for p in path),
            sum(p.critical_wait_days for p in path),
            lead,
            tail,
            a.saved_at_limits_days,
            *[sum(whose == part for _, whose, *_ in a.whose) if a.energised else None for part in PARTS],
        )


def bottleneck(context):
    """The mart `bottleneck`, over the passes of all applications: energised, open and cancelled."""
    energised = sum(a.energised for a in context.applications)

    # CHOICE: the path of a cancelled application leads nowhere, and counts in no sum and no share (counts).
    # CHOICE: days that are not the department's are a row of whoever's they are, by the stage that was held up (none).
    critical, work, wait = {}, {}, {}
    for a in context.applications:
        if a.end == "cancelled":
            continue
        for day, whose, charged, is_wait, _, stage, department in a.whose:
            if stage is None or (charged and department is None):
                continue
            key = (department if charged else whose), stage
            critical[key] = critical.get(key, 0) + context.calendar.is_working(day)
            if a.energised:
                times = wait if is_wait else work
                times[key] = times.get(key, 0) + 1

    all_critical_wd = sum(critical.values())
    by_place = dict(grouped(context.passes, lambda p: (p.department, p.stage)))
    for key in sorted({*by_place, *critical}):
        passes = by_place.get(key, [])
        # CHOICE: a pass is open though its application is energised; not if cancelled.
        ages = [p.elapsed_wd for p in passes if p.finish is None and p.application.cancelled_on is None]
        # CHOICE: where none waited for anything, nothing is known of its waiting (0).
        waits = [p.waiting_wd for p in passes if p.waiting_wd is not None]
        saved_at_limit = sum(p.saved_at_limit_days for p in passes)
        saved_half_wait = sum(p.saved_half_wait_days for p in passes)
        yield (
            *key,
            len(passes),
            # CHOICE: rework is all of a stage but the first begun, and counts for the department that does it again
            # (what the export numbers 2 or more, whether or not the first pass is there).
            sum(p.rework for p in passes),
            sum(p.days_worked for p in passes) if passes else None,
            sum(waits) if waits else None,
            critical.get(key, 0),
            # CHOICE: the share of the critical days of the energised and the open (of the energised).
            ratio(critical.get(key, 0), all_critical_wd),
            work.get(key, 0),
            wait.get(key, 0),
            len(ages),
            percentile(ages, 0.8) if ages else None,
            saved_at_limit,
            float(saved_half_wait),
            energised,
            ratio(saved_at_limit, energised),
            float(saved_half_wait / energised) if energised else None,
        )


class Edge(NamedTuple):
    """One step of an application from a pass, or its acceptance, to the next, or its end."""

    application: SimpleNamespace
    before: SimpleNamespace
    after: SimpleNamespace
    kind: str
    overlap: bool
    wd: int
    days: int


def edges(context):
    """Every step of every application."""
    # CHOICE: applications that are open or cancelled have a trace too, as far as it goes, also past the cancellation.
    for a in context.applications:
        for before, after in zip([None, *a.passes], a.passes):
            begun_on = after.started_at.date()
            if before is None:
                kind, since, overlap = "start", a.accepted_on, begun_on < a.accepted_on
            else:
                ranks = context.process.rank(before.stage), context.process.rank(after.stage)
                kind = "again" if ranks[0] == ranks[1] else "back" if ranks[1] < ranks[0] else "next"
                # CHOICE: days are counted from the finish, from the start where there is none, and not below 0.
                since = (before.finish or before.started_at).date()
                overlap = before.finish is None or not finished_by(before.finish, after.started_at, context.readings)
            until = max(since, begun_on)
            yield Edge(a, before, after, kind, overlap, context.calendar.between(since, until), (until - since).days)
        # CHOICE: only what has ended has an end (the last pass of an open application is an end too).
        if a.passes and a.end != "open":
            yield Edge(a, a.passes[-1], None, "end" if a.energised else "cancelled", False, None, None)


def median_and_p90(numbers):
    """Both, or nothing of nothing."""
    known = [n for n in numbers if n is not None]
    return (percentile(known, 0.5), percentile(known, 0.9)) if known else (None, None)


def measured(rows):
    """How many edges of how many applications, how many overlap, how long they take."""
    return (
        len(rows),
        len({e.application.application_id for e in rows}),
        sum(e.overlap for e in rows),
        *median_and_p90([e.wd for e in rows]),
        *median_and_p90([e.days for e in rows]),
    )


def flow(context):
    """The mart `flow`."""
    key = lambda e: (e.before.stage if e.before else "", e.after.stage if e.after else "", e.kind)
    for (before, after, kind), rows in grouped(edges(context), key):
        transitions, count, overlapping, *times = measured(rows)
        rework = sum(e.after is not None and e.after.rework for e in rows)
        yield before, after, kind, transitions, count, rework, overlapping, *times


def handover(context):
    """The mart `handover`."""
    # CHOICE: a department that follows itself has a row too (no handover).
    between = [e for e in edges(context) if e.before and e.after]
    for (before, after), rows in grouped(between, lambda e: (e.before.department, e.after.department)):
        yield before, after, before != after, *measured(rows)


def way(application):
    """The stages of an application in their order; None: it has none."""
    return "→".join(p.stage for p in application.passes) or None


def variant(context):
    """How many applications went each way."""
    # CHOICE: applications without any stage went a way too (have no variant).
    rows = grouped(context.applications, lambda a: way(a) or "")
    for name, members in rows:
        days = [a.days for a in members if a.energised]
        yield (
            name,
            1 + sum(len(others) > len(members) for _, others in rows),
            len(members),
            len(members) / len(context.applications),
            len(members[0].passes),
            sum(p.rework for p in members[0].passes),
            len(days),
            sum(a.end == "open" for a in members),
            mean(days),
            percentile(days, 0.5) if days else None,
        )


def band_of(number, bands):
    """The band that a number falls in.

    >>> [band_of(kva, CAPACITY_BANDS) for kva in (8, 314.9, 315, 1000, 3999.5, 4000, 48000)]
    ['below_315', 'below_315', '315_1000', '1000_4000', '1000_4000', '4000_10000', 'from_10000']
    """
    return [band for first, band in bands if number >= first or first == 0][-1]


def stratum(a):
    """What must be the same of applications that are compared."""
    return a.voltage_kv, a.supply or "single", bool(a.new_feeder), band_of(a.capacity_kva, CAPACITY_BANDS)


def days_by_mode(applications):
    """The calendar days of the order-style and of the conventional ones."""
    days = {mode: [] for mode in MODES}
    for a in applications:
        days[a.mode].append(a.days)
    return days["order"], days["conventional"]


def difference(a, b):
    """a − b; None if either is."""
    return a - b if a is not None and b is not None else None


def compared(first, second):
    """Two figures and their difference."""
    return first, second, difference(first, second)


# DOMAIN §6: `min_at_risk`, and `min_arm`.
# CHOICE: ten (DOMAIN's five: of an arm of five, five are at risk only until the first of them ends, so that the horizon of
# the sample would be 22 days, on which nobody has been energised yet).
MIN_AT_RISK = 5
MIN_ARM = 10
BANDS = [band for _, band in CAPACITY_BANDS]


class Box(NamedTuple):
    """Strata that are compared together: None is either supply, or with and without a new feeder."""

    voltage_kv: float
    supply: str
    new_feeder: bool
    low: int
    high: int

    def holds(self, key):
        """Whether a stratum lies in it."""
        voltage_kv, supply, new_feeder, band = key
        return (
            voltage_kv == self.voltage_kv
            and self.supply in (None, supply)
            and self.new_feeder in (None, new_feeder)
            and self.low <= BANDS.index(band) <= self.high
        )

    def place(self):
        """What boxes are ordered by: single before dual supply, new feeders before others, wider before narrower."""
        supply = [None, "single", "dual"].index(self.supply)
        return self.voltage_kv, supply, [None, True, False].index(self.new_feeder), self.low

    def around(self, other):
        """The smallest box around both."""
        supply = self.supply if self.supply == other.supply else None
        feeder = self.new_feeder if self.new_feeder == other.new_feeder else None
        return Box(self.voltage_kv, supply, feeder, min(self.low, other.low), max(self.high, other.high))

    def meets(self, other):
        """Whether some stratum could lie in both."""
        return (
            self.voltage_kv == other.voltage_kv
            and (None in (self.supply, other.supply) or self.supply == other.supply)
            and (None in (self.new_feeder, other.new_feeder) or self.new_feeder == other.new_feeder)
            and max(self.low, other.low) <= min(self.high, other.high)
        )


def boxes(applications, min_arm=MIN_ARM):
    """The boxes in which applications are compared: bands merged first, then feeders, then supplies.

    >>> def some(supply, feeder, kva, order, other):
    ...     modes = ["order"] * order + ["conventional"] * other
    ...     row = dict(voltage_kv=10.0, supply=supply, new_feeder=feeder, capacity_kva=kva)
    ...     return [SimpleNamespace(**row, mode=mode) for mode in modes]
    >>> boxes(some("single", False, 100, 2, 9) + some("single", False, 400, 1, 9) + some("single", False, 2000, 3, 9), 2)
    [Box(voltage_kv=10.0, supply='single', new_feeder=False, low=0, high=1), \
Box(voltage_kv=10.0, supply='single', new_feeder=False, low=2, high=2)]
    >>> boxes(some("single", False, 400, 2, 1) + some("dual", True, 400, 1, 2), 2)
    [Box(voltage_kv=10.0, supply=None, new_feeder=None, low=1, high=1)]
    """
    counts = {}
    for a in applications:
        counts.setdefault(stratum(a), {mode: 0 for mode in MODES})[a.mode] += 1

    def fewer(box):
        inside = [count for key, count in counts.items() if box.holds(key)]
        return min(sum(count[mode] for count in inside) for mode in MODES)

    found = [Box(*key[:3], BANDS.index(key[3]), BANDS.index(key[3])) for key in counts]

    def join(one, other):
        box = one.around(other)
        while any(box.meets(known) and box.around(known) != box for known in found):
            box = next(box.around(known) for known in found if box.meets(known) and box.around(known) != box)
        found[:] = sorted([known for known in found if not box.meets(known)] + [box], key=Box.place)

    def neighbours(box):
        row = sorted((known for known in found if known[:3] == box[:3]), key=Box.place)
        at = row.index(box)
        return row[max(0, at - 1) : at] + row[at + 1 : at + 2]

    found.sort(key=Box.place)
    while small := [box for box in found if fewer(box) < min_arm and neighbours(box)]:
        # CHOICE: the smallest first, joined with the smaller of its neighbours (from the lowest band up).
        box = min(small, key=lambda known: (fewer(known), found.index(known)))
        join(box, min(neighbours(box), key=lambda known: (fewer(known), known.low)))
    for widened in (lambda box: box._replace(new_feeder=None), lambda box: box._replace(supply=None, new_feeder=None)):
        # CHOICE: what is still too small is joined with what has the same bands, and with all that then overlaps.
        while pairs := [
            (box, other)
            for box in found
            if fewer(box) < min_arm
            for other in found
            if other != box and widened(box).meets(other)
        ]:
            join(*pairs[0])
    return [box for box in found if fewer(box) >= min_arm]


def matched(context, members):
    """(box, order-style cases, conventional cases) of some applications, in the boxes of all that have any of them."""
    known = boxes(context.applications)
    inside = [(box, [a for a in members if box.holds(stratum(a))]) for box in known]
    return [(box, *cases_by_mode(rows)) for box, rows in inside if rows]


def common_horizon(strata):
    """The last day on which every mode of every stratum has MIN_AT_RISK at risk."""
    arms = [sorted((days for days, _ in cases), reverse=True) for _, *modes in strata for cases in modes]
    return min(days[MIN_AT_RISK - 1] for days in arms) if arms else None


def weighed(strata, of):
    """A figure of both modes of each stratum, weighed by the order-style applications, and the difference."""
    whole = sum(len(order) for _, order, _ in strata)
    means = [ratio(sum(len(row[1]) * of(row[mode]) for row in strata), whole) for mode in (1, 2)]
    return compared(*means)


def restricted(horizon):
    """The mean days of some cases up to a horizon."""
    return lambda cases: restricted_mean(survival_table(cases), horizon)


def mode_comparison(context):
    """The mart `mode_comparison`; the row of all has an empty stratum."""
    # CHOICE: what is left out has a row too, a stratum each, without figures (no row).
    strata = matched(context, context.applications)
    horizon = common_horizon(strata)
    for box, order, other in strata:
        figures = compared(*(restricted(horizon)(cases) for cases in (order, other)))
        bands = BANDS[box.low], BANDS[box.high]
        yield *box[:3], *bands, True, len(order), len(other), *figures, horizon
    left_out = [a for a in context.applications if not any(box.holds(stratum(a)) for box, *_ in strata)]
    for key, members in grouped(left_out, stratum):
        order, other = cases_by_mode(members)
        yield *key, key[3], False, len(order), len(other), None, None, None, None
    if context.applications:
        counts = [sum(len(row[mode]) for row in strata) for mode in (1, 2)]
        yield None, None, None, None, None, bool(strata), *counts, *weighed(strata, restricted(horizon)), horizon


def mode_widening(context):
    """The mart `mode_widening`: the comparison of the applications of 1,000 to 4,000 kVA alone."""
    # CHOICE: groups are made of these alone, as if there were no others.
    middle = [a for a in context.applications if 1000 <= a.capacity_kva < 4000]
    yield from mode_comparison(SimpleNamespace(**{**vars(context), "applications": middle}))


def mode_cost(context):
    """The mart `mode_cost`: conventional applications by how many order-style projects were open as their month began."""
    order = [a for a in context.applications if a.mode == "order"]
    others = [a for a in context.applications if a.mode == "conventional"]

    def load(bureau, first):
        mine = [a for a in order if a.bureau == bureau and a.accepted_on < first]
        return sum(a.end == "open" or a.accepted_on + a.days * ONE_DAY >= first for a in mine)

    loads = {key: load(*key) for key in {(a.bureau, a.accepted_on.replace(day=1)) for a in others}}
    # CHOICE: each month in which the bureau accepted any counts once for its median; high is above it.
    usual = {
        bureau: np.median([load for (own, _), load in loads.items() if own == bureau]) for bureau, _ in loads
    }
    for scope, members in grouped(others, lambda a: band_of(a.voltage_kv, VOLTAGE_CLASSES)):
        sides = []
        for bureau, own in grouped(members, lambda a: a.bureau):
            known = [(a, loads[bureau, a.accepted_on.replace(day=1)]) for a in own]
            sides.append([[pair for pair in known if (pair[1] > usual[bureau]) == high] for high in (True, False)])
        enough = [pair for pair in sides if all(len(side) >= MIN_ARM for side in pair)]
        rows = [(None, *([(a.days, a.end) for a, _ in side] for side in pair)) for pair in enough]
        counts = [sum(len(row[mode]) for row in rows) for mode in (1, 2)]
        means = [mean([load for pair in enough for _, load in pair[side]]) for side in (0, 1)]
        horizon = common_horizon(rows)
        figures = weighed(rows, restricted(horizon)) if rows else (None, None, None)
        yield scope, len(rows), *counts, len(members) - sum(counts), *means, *figures, horizon


def mode_sensitivity(context):
    """The mart `mode_sensitivity`: each analysis with its cases, figures, test and horizon."""
    strata = matched(context, context.applications)
    horizon = common_horizon(strata)
    whole = sum(a.mode == "order" for a in context.applications)

    def row(analysis, rows, of, until, among=whole):
        counts = [sum(len(row[mode]) for row in rows) for mode in (1, 2)]
        return analysis, *counts, among - counts[0], *weighed(rows, of), None, None, until

    def never(cases):
        table = survival_table(cases)
        return restricted_mean([row._replace(survival=1 - row.incidence_energised) for row in table], horizon)

    def part(analysis, members):
        # CHOICE: groups with fewer than MIN_AT_RISK at risk on the horizon of all are left out (a horizon of its own).
        rows = [
            row
            for row in matched(context, members)
            if all(sum(days >= horizon for days, _ in cases) >= MIN_AT_RISK for cases in row[1:])
        ]
        return row(analysis, rows, restricted(horizon), horizon, sum(a.mode == "order" for a in members))

    yield row("headline", strata, restricted(horizon), horizon)
    yield row("never_energised", strata, never, horizon)
    yield row("at_365_days", strata, restricted(365), 365)
    yield part("without_key", [a for a in context.applications if not a.key_project])
    before = [a for a in context.applications if months_later(a.accepted_on, 12) <= context.as_of]
    yield part("accepted_12_months_ago", before)
    energised = [a for a in context.applications if a.energised]
    rows = [row for row in matched(context, energised) if all(len(cases) >= MIN_AT_RISK for cases in row[1:])]
    days = lambda cases: mean([days for days, _ in cases])
    yield row("matched_finished", rows, days, None, sum(a.mode == "order" for a in energised))
    order, other = days_by_mode(energised)
    yield "plain", len(order), len(other), 0, *compared(mean(order), mean(other)), None, None, None
    counts = [sum(len(row[mode]) for row in strata) for mode in (1, 2)]
    test = chi_square([row[1:] for row in strata])
    yield "log_rank", *counts, whole - counts[0], None, None, None, *test, None
    ratio_of_hazards, p_value = cox([box for box, *_ in strata], context.applications)
    yield "cox", *counts, whole - counts[0], None, None, ratio_of_hazards, None, p_value, None


def cox(known, applications):
    """(hazard ratio of order-style, p) by Efron's partial likelihood within boxes; nothing where it has no maximum."""
    rows = []
    for a in applications:
        box = next((place for place, box in enumerate(known) if box.holds(stratum(a))), None)
        if box is not None:
            quarter = (a.accepted_on.month - 1) // 3
            flags = [a.mode == "order", bool(a.key_project), quarter == 1, quarter == 2, quarter == 3]
            rows.append((box, a.days, a.end == "energised", [*map(float, flags), a.accepted_on.toordinal() / 365.25]))
    if not rows:
        return None, None
    x = np.array([row[3] for row in rows])
    x = x - x.mean(axis=0)
    box, days = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    ended = np.array([row[2] for row in rows])
    x = x[:, [True] + [len(set(column)) > 1 for column in x.T[1:]]]
    beta = np.zeros(x.shape[1])
    for _ in range(40):
        weight = np.exp(x @ beta)
        slope, curve = np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
        for place, day in sorted({(b, d) for b, d, end in zip(box, days, ended) if end}):
            at_risk, now = (box == place) & (days >= day), (box == place) & (days == day) & ended
            slope += x[now].sum(axis=0)
            for gone in range(now.sum()):
                share = np.where(now, 1 - gone / now.sum(), 1.0) * weight * at_risk
                middle = share @ x / share.sum()
                slope -= middle
                curve += (x * share[:, None]).T @ x / share.sum() - np.outer(middle, middle)
        if np.linalg.matrix_rank(curve) < len(beta):
            return None, None
        step = np.linalg.solve(curve, slope)
        beta = beta + step
        if np.abs(beta).max() > 15:
            return None, None
        if np.abs(step).max() < 1e-11:
            break
    error = math.sqrt(np.linalg.inv(curve)[0, 0])
    return math.exp(beta[0]), math.erfc(abs(beta[0]) / error / math.sqrt(2))


def months_later(day, months):
    """The same day so many months later, or the last of its month."""
    for _ in range(months):
        day = one_month_later(day)
    return day


def scopes(context):
    """(name, applications) of all, and of each voltage class that has any."""
    yield "all", context.applications
    yield from grouped(context.applications, lambda a: band_of(a.voltage_kv, VOLTAGE_CLASSES))


def mode_effect(context):
    """The mart `mode_effect`: each measure with its cases, figures, difference, test and horizon."""
    for scope, members in scopes(context):
        for measure, cases, figures, test, horizon in effects(context, members):
            order, conventional, apart = figures
            yield scope, measure, *cases, order, conventional, apart, *test, horizon


def effects(context, members):
    """(measure, cases, figures, test, horizon) of some applications."""
    none, no_test = (None, None, None), (None, None)
    order, conventional = days_by_mode([a for a in members if a.energised])
    finished = len(order), len(conventional)
    strata = matched(context, members)
    until = common_horizon(strata)
    alike = [sum(len(row[mode]) for row in strata) for mode in (1, 2)]
    yield "matched", alike, weighed(strata, restricted(until)), no_test, until
    everybody = [len(cases) for cases in cases_by_mode(members)]
    yield "matched_projects", everybody, (*alike, None), no_test, None
    yield "unmatched_projects", everybody, (*map(int.__sub__, everybody, alike), None), no_test, None
    yield "plain", finished, compared(mean(order), mean(conventional)), no_test, None

    cases = cases_by_mode(members)
    followed = len(cases[0]), len(cases[1])
    tables = [survival_table(c) for c in cases]
    arms = [sorted((days for days, _ in group), reverse=True) for group in cases]
    enough = all(len(days) >= MIN_AT_RISK for days in arms)
    horizon = min(days[MIN_AT_RISK - 1] for days in arms) if enough else None
    yield "median", followed, compared(*map(median, tables)), no_test, None
    means = [restricted_mean(table, horizon) for table in tables] if enough else [None, None]
    yield "restricted_mean", followed, compared(*means), no_test, horizon
    yield "log_rank", followed, none, chi_square([cases]), None
    yield "log_rank_matched", alike, none, chi_square([row[1:] for row in strata]), None
    shares = {
        "share_energised": lambda row: row.incidence_energised,
        "share_cancelled": lambda row: row.incidence_cancelled,
        "share_open": lambda row: 1 - row.incidence_energised - row.incidence_cancelled,
    }
    for measure, share in shares.items():
        at_horizon = [None, None]
        if horizon is not None:
            at_horizon = [float(share([row for row in table if row.day <= horizon][-1])) for table in tables]
        yield measure, followed, compared(*at_horizon), no_test, horizon


# --- survival, DOMAIN §6: a case is (days, end), its end energised, cancelled or open ------------------------


class Moment(NamedTuple):
    """What is known of one day since acceptance."""

    day: int
    at_risk: int
    energised: int
    cancelled: int
    censored: int
    survival: Fraction
    incidence_energised: Fraction
    incidence_cancelled: Fraction


def survival_table(cases):
    """Kaplan–Meier of the energisation and Aalen–Johansen of both ends, in fractions, for every day with an end.

    Freireich et al. 1963, remission under 6-MP in weeks (as in Kleinbaum & Klein, Survival Analysis, table 2.1):

    >>> for row in survival_table(SIX_MP)[1:8]:
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
    takes the cancelled one for censored: 3/4, 3/4, 3/4·1/2. Up to day 4 the mean is 1 + 2·3/4 + 3/8.

    >>> table = survival_table([(1, "energised"), (2, "cancelled"), (3, "energised"), (4, "open")])
    >>> for row in table:
    ...     print(*row)
    0 4 0 0 0 1 0 0
    1 4 1 0 0 3/4 1/4 0
    2 3 0 1 0 3/4 1/4 1/4
    3 2 1 0 0 3/8 1/2 1/4
    4 1 0 0 1 3/8 1/2 1/4
    >>> restricted_mean(table, 4), restricted_mean(table, 2)
    (2.875, 1.75)
    """
    # CHOICE: what is censored on a day was still at risk on it; so are the cancelled for Kaplan–Meier.
    # CHOICE: the table begins with day 0, though nothing ended then (with the first end).
    table = []
    survival = Fraction(1)  # not energised, were nobody cancelled
    in_progress = Fraction(1)  # neither energised nor cancelled
    incidence_energised = incidence_cancelled = Fraction(0)
    for day in sorted({0, *(days for days, _ in cases)}) if cases else []:
        at_risk = sum(days >= day for days, _ in cases)
        energised = cases.count((day, "energised"))
        cancelled = cases.count((day, "cancelled"))
        censored = cases.count((day, "open"))
        incidence_energised += in_progress * Fraction(energised, at_risk)
        incidence_cancelled += in_progress * Fraction(cancelled, at_risk)
        in_progress *= 1 - Fraction(energised + cancelled, at_risk)
        survival *= 1 - Fraction(energised, at_risk)
        counts = day, at_risk, energised, cancelled, censored
        table.append(Moment(*counts, survival, incidence_energised, incidence_cancelled))
    return table


def median(table):
    """The first day on which no more than half survive; None if there is none."""
    # CHOICE: where exactly half survive for a while, the first day of it (its middle).
    return next((row.day for row in table if row.survival <= Fraction(1, 2)), None)


def restricted_mean(table, horizon):
    """The area below Kaplan–Meier up to a horizon."""
    area = Fraction(0)
    for row, following in zip(table, [*table[1:], None]):
        until = min(horizon, following.day) if following else horizon
        area += max(0, until - row.day) * row.survival
    return float(area)


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


def chi_square(pairs):
    """(chi-square, p) of the log-rank test within pairs of (first, second); nothing where it tells nothing."""
    observed = expected = variance = 0
    for first, second in pairs:
        of_pair = log_rank_test(first, second)
        observed, expected, variance = observed + of_pair[0], expected + of_pair[1], variance + of_pair[2]
    if variance == 0:
        return None, None
    chi2 = float((observed - expected) ** 2 / variance)
    return chi2, math.erfc(math.sqrt(chi2 / 2))


def cases_by_mode(applications):
    """The cases of each mode."""
    return [[(a.days, a.end) for a in applications if a.mode == mode] for mode in MODES]


def curves(context):
    """(scope, mode, moment) of every table."""
    for scope, members in scopes(context):
        for mode, cases in zip(MODES, cases_by_mode(members)):
            for row in survival_table(cases):
                yield scope, mode, row


def survival(context):
    """The mart `survival`."""
    for scope, mode, row in curves(context):
        left = row.cancelled + row.censored
        yield scope, mode, row.day, row.at_risk, row.energised, left, float(row.survival)


def cumulative_incidence(context):
    """The mart `cumulative_incidence`."""
    for scope, mode, row in curves(context):
        shares = float(row.incidence_energised), float(row.incidence_cancelled)
        yield scope, mode, row.day, row.at_risk, row.energised, row.cancelled, *shares


# --- load --------------------------------------------------------------------------------------------------


def load(context):
    """The mart `load`."""
    rows = []
    for department, passes in grouped(context.passes, lambda p: p.department):
        history = [p.elapsed_wd for p in passes if p.finish is not None]
        p50, p80 = (percentile(history, 0.5), percentile(history, 0.8)) if history else (None, None)
        open_start = 0
        # CHOICE: every month since the first pass has a row, though nothing happened in it (none).
        for first in months_up_to(month(min(p.started_at.date() for p in passes)), context.as_of):
            last = min(context.as_of, one_month_later(first) - ONE_DAY)
            working_wd = context.calendar.between(first - ONE_DAY, last)
            arrived = sum(month(p.started_at.date()) == first for p in passes)
            done = [p.elapsed_wd for p in passes if p.finish is not None and month(p.finish.date()) == first]
            # CHOICE: a pass that the cancellation stopped leaves on that day, and is not finished (is); one begun
            # after the cancellation arrives and leaves on the day it began.
            gone_on = lambda p: p.stopped_on or (p.finish and p.finish.date())
            still_open = [p for p in passes if p.started_at.date() <= last]
            still_open = [p for p in still_open if gone_on(p) is None or gone_on(p) > last]
            ages = [context.calendar.between(p.started_at.date(), last) for p in still_open]
            change = len(ages) - open_start
            # CHOICE: it grows or shrinks where the change is more than 1.96 times the root of all that came and went.
            noise = 1.96 * math.sqrt(arrived + len(done))
            rows.append((
                first,
                department,
                arrived,
                len(done),
                open_start,
                len(ages),
                change,
                "growing" if noise and change > noise else "shrinking" if noise and change < -noise else "steady",
                working_wd,
                ratio(len(done), working_wd),
                mean(done),
                ratio(len(ages) * working_wd, len(done)),
                percentile(ages, 0.5) if ages else None,
                percentile(ages, 0.8) if ages else None,
                p50,
                p80,
                sum(p80 is not None and age > p80 for age in ages),
            ))  # fmt: skip
            open_start = len(ages)
    return sorted(rows, key=lambda row: row[:2])


# --- all of it ---------------------------------------------------------------------------------------------


def end_of(application, as_of):
    """How an application ended, and its calendar days since acceptance."""
    # CHOICE: one both energised and cancelled is cancelled, on the earlier day (on that of the cancellation): once
    # energised nobody waits for it.
    if application.cancelled_on is not None:
        ended_on = min(application.cancelled_on, application.energised_on or application.cancelled_on)
        return "cancelled", (ended_on - application.accepted_on).days
    if application.energised_on is not None:
        return "energised", (application.energised_on - application.accepted_on).days
    return "open", (as_of - application.accepted_on).days


def read_context(folder, as_of, calendar, process, rules, readings):
    """Everything known by as-of, timed and with its critical paths."""
    # CHOICE: a missing pass is 1, and rows that then share their key but differ are all left out, as oracle.py reads it
    # (passes numbered by start).
    read = lambda table: read_table(folder, table) or []
    context = SimpleNamespace(as_of=as_of, calendar=calendar, process=process, readings=readings)
    context.applications = time_applications(read("applications"), as_of, calendar)
    by_id = {a.application_id: a for a in context.applications}
    for a in context.applications:
        a.end, a.days = end_of(a, as_of)
        a.energised = a.end == "energised"
        a.known = []
        a.claims = []
    for claim in time_claims(read("delays"), as_of, calendar, rules):
        if claim.application_id in by_id:
            by_id[claim.application_id].claims.append(claim)
    for p in passes_known(read("stages"), as_of):
        if p.application_id in by_id:
            by_id[p.application_id].known.append(p)
    for a in context.applications:
        for p in a.known:
            time_stage(p, a, a.claims, as_of, calendar, rules, a.known)
        a.passes = sorted((p for p in a.known if p.begun_on), key=process.order)
        for p in a.passes:
            fill_in(p, a, as_of, calendar)
        a.effective_due_on = pushed_out(a, rules, calendar)
        trace_path(a, a.passes, process, calendar, rules, as_of, readings)
    context.passes = [p for a in context.applications for p in a.passes]
    return context


def pushed_out(application, rules, calendar):
    """The due date, later by the working days that are taken out of the application."""
    if application.due_on is None:
        return None
    excluded = set()
    for p in application.known:
        for pair in p.pairs:
            if pair.claim.stage is not None and pair.verdict in COUNTING:
                excluded |= pair.days & application.window
    for claim in application.claims:
        if claim.stage is None:
            days = claim.days & application.window
            if verdict(claim, application.due_on, days, rules) in COUNTING:
                excluded |= days
    return calendar.plus(application.due_on, len(excluded)) if excluded else application.due_on


def fill_in(p, application, as_of, calendar):
    """What the path and the load ask of a pass, beside its clock."""
    p.application = application
    p.finish = p.finished_at if finished_on(p, application, as_of) else None
    cancelled_on = application.cancelled_on
    p.begun_too_late = cancelled_on is not None and p.started_at.date() > cancelled_on
    # CHOICE: a pass begun after the cancellation counts as a pass, of 0 days (negative ones).
    p.days_worked = max(0, p.worked_wd)
    p.elapsed_wd = max(0, calendar.between(p.begun_on, p.finish.date() if p.finish else cancelled_on or as_of))
    p.until = p.finish.date() if p.finish else cancelled_on or as_of
    p.stopped_on = None
    if cancelled_on is not None and p.finish is None:
        p.stopped_on = max(cancelled_on, p.started_at.date())


def compute(folder, as_of, calendar, process, rules=Rules(), readings=Readings()):
    """Every mart as a list of rows, by name."""
    context = read_context(folder, as_of, calendar, process, rules, readings)
    marts = [
        stages, applications, bottleneck, time_split, volume, fulfilment, flow, handover, variant, mode_comparison, mode_widening, mode_cost, mode_sensitivity,
        mode_effect, survival,
        cumulative_incidence, load,
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
    the day that survey finished. The wait after final_inspection (13th to 16th) is 1, as the weekend is none. Each wait
    is that of the stage awaited. The
    energisation took 9 working days for a limit of 7, which ran out on the 25th: 2 calendar days.

    >>> example('''acceptance 2 3
    ...     survey 5 6
    ...     scheme 6 12
    ...     final_inspection 12 13
    ...     energisation 16 27''', energised=27)
    acceptance - 1 0
    survey 2 3 0
    scheme 0 4 0
    final_inspection 0 1 0
    energisation 1 10 2

    Beside one another: grid works to the 20th and the contract to the 10th; only grid works gates the energisation.
    Archiving comes after it, on the same day. The wait from the 20th to the 23rd is the energisation's, 1 working
    day.

    >>> example('''scheme 2 4
    ...     grid_works 4 20
    ...     contract 4 10
    ...     energisation 23 24
    ...     archiving 24 24''', energised=24)
    scheme - 2 0
    grid_works 0 12 0
    contract 0 . 0
    energisation 1 2 0
    archiving 0 . 0

    With times of day, what finished later on the day gates nothing that had begun; without, it does.

    >>> example('''survey 2T09:00 6T15:00
    ...     scheme 6T10:00 9T11:00
    ...     energisation 9T12:00 10T12:00''', energised="10T12:00")
    survey - . 0
    scheme - 5 0
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
    survey - 4 0
    scheme - . 0
    energisation 1 2 0

    Live at 10:00, written down at 10:05: the energisation gates itself all the same, and by the day too. Archiving does
    not, which comes after it.

    >>> example('''metering 9 11
    ...     energisation 16 20T10:05
    ...     archiving 20 20''', energised="20T10:00")
    metering - 7 0
    energisation 3 7 0
    archiving 0 . 0
    >>> example('''metering 9 11
    ...     energisation 16 20
    ...     archiving 20 20''', energised="20")
    metering - 7 0
    energisation 3 7 0
    archiving 0 . 0

    Overdue beside one another: metering was allowed 7 working days, to the 11th, and took till the 20th; but the
    contract would have held the energisation until the 16th.

    >>> example('''contract 2 16
    ...     metering 2 20
    ...     energisation 23 24''', energised=24)
    contract - . 0
    metering - 14 4
    energisation 1 2 0

    Three within one day, none with a time of day: in the usual order. A second pass is another step; the survey that is
    missing is simply not there. Acceptance has one day, to the 3rd: finished on the 5th, 2 days could be saved.

    >>> example('''fee 5 5
    ...     scheme 5 5
    ...     acceptance 2 5
    ...     energisation 9 10
    ...     energisation/2 10 11''', energised=11)
    acceptance - 3 2
    scheme 0 0 0
    fee 0 0 0
    energisation 2 3 0
    energisation/2 0 1 0

    Open, the latest event a start: the open pass counts to as-of, the 31st (3rd to 31st are 20 working days).

    >>> example('''acceptance 2 2
    ...     survey 3 -''')
    acceptance - 0 0
    survey 1 21 0

    Open, the latest event a finish beside an open pass: the path ends at the finish, unless open passes come first.

    >>> example('''scheme 2 4
    ...     grid_works 4 -
    ...     contract 6 10''')
    scheme - 2 0
    grid_works 0 . 0
    contract 2 4 0
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
    scheme - 2 0
    grid_works 1 4 0
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
        row = {"stage": stage, "pass": int(number or 1), "due_on": None, "planned_start_on": None}
        row["department"] = stage
        rows.append(SimpleNamespace(**row, started_at=moment(start), finished_at=moment(finish)))
    rows = sorted(passes_known(rows, as_of), key=process.order)
    for p in rows:
        time_stage(p, application, claims, as_of, calendar, Rules(), rows)
        fill_in(p, application, as_of, calendar)
    application.passes = [p for p in rows if p.begun_on]
    application.known, application.claims = rows, claims
    trace_path(application, rows, process, calendar, Rules(), as_of, Readings(**readings))
    for p in rows:
        number = getattr(p, "pass")
        name = p.stage if number == 1 else f"{p.stage}/{number}"
        waiting_wd = "-" if p.waiting_wd is None else p.waiting_wd
        print(name, waiting_wd, p.critical_wd if p.critical else ".", p.saved_at_limit_days)


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
