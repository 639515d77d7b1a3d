"""Recomputes six marts of DOMAIN.md the slow and obvious way, for the program to be compared with.

    python oracle.py DATA_DIR AS_OF OUT_DIR

Spans of time are sets of dates, a breach is found by walking day after day, and every figure is a plain
Python expression over plain lists. Nothing is shared with the program but the calendar's list of days.
"""

import argparse
import csv
import math
import re
import tomllib
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

ONE_DAY = timedelta(days=1)
Z_975 = 1.959963984540054  # the normal distribution's 0.975 quantile

# DOMAIN §2: column and kind of value; `a|b` is an enumeration, a final `?` means "may be empty".
TABLES = {
    "applications": """application_id text, customer_name text?, customer_phone text?, bureau text,
        area urban|rural?, channel text?, voltage_kv number, capacity_kva number, supply single|dual?,
        new_feeder bool?, key_project bool?, mode order|conventional?, manager_id text?, accepted_at time,
        desired_on date?, promised_on date?, replanned_on date?, energised_at time?, cancelled_at time?,
        visits integer?, designer text?, builder text?, supplier text?, fee_charged number?,
        fee_standard number?, feeder_or_station text?, business text?""",
    "stages": """application_id text, stage text, pass integer?, department text, handler text?,
        started_at time?, finished_at time?, due_on date?, planned_start_on date?""",
    "delays": """delay_id text?, application_id text, stage text?, cause text, began_at time, ended_at time?,
        reported_at time?, confirmed_at time?, ruling pending|admitted|rejected?, ruled_at time?, ruled_by text?,
        reason text?""",
    "callbacks": """callback_id text?, kind connection|fault, subject_id text, called_at time,
        outcome reached|unreached|refused, score score?, manager_score score?, free_choice bool?,
        issue_category text?, issue_department text?, issue_verified bool?""",
    "faults": """fault_id text, bureau text, area urban|rural, outage_at time?, reported_at time,
        notified_at time?, arrived_at time?, arrival_call_at time?, restored_at time?,
        completion_call_at time?""",
}
TABLES = {table: [column.split() for column in columns.split(",")] for table, columns in TABLES.items()}

KEYS = {
    "applications": ["application_id"],
    "stages": ["application_id", "stage", "pass"],
    "delays": ["delay_id"],
    "callbacks": ["callback_id"],
    "faults": ["fault_id"],
}
DEFAULTS = {("stages", "pass"): 1, ("delays", "ruling"): "pending"}
# What must not come before what.
IN_ORDER = {
    "applications": ("accepted_at", "energised_at"),
    "stages": ("started_at", "finished_at"),
    "delays": ("began_at", "ended_at"),
}

# DOMAIN §4, working days: low voltage; high with single supply; high with dual supply.
STAGE_LIMITS = {
    "acceptance": (1, 1, 1),
    "survey": (3, 5, 5),
    "scheme": (8, 20, 45),
    "design_review": (8, 20, 20),
    "mid_inspection": (5, 7, 7),
    "final_inspection": (5, 7, 7),
    "metering": (5, 7, 7),
    "energisation": (5, 7, 7),
}

CYCLE_COLUMNS = """completed mean_calendar_days mean_gross_wd mean_net_wd p50_net_wd p80_net_wd p90_net_wd
    promised promise_kept promise_rate all_met all_met_rate""".split()

# DOMAIN §5: the grain, then the columns beyond it.
MARTS = {
    "stage_overdue": (
        "month bureau department stage mode".split(),
        """settled overdue_gross overdue_net excused rate_gross rate_net excluded_wd provisional_wd
        mean_over_wd""".split(),
    ),
    "department_month": (
        "month department".split(),
        """settled overdue_gross overdue_net rate_gross rate_net wilson_low wilson_high expected ratio p_value signal
        rank""".split(),
    ),
    "cycle": ("month bureau mode voltage_kv".split(), CYCLE_COLUMNS),
    "cycle_by_mode": ("month mode".split(), CYCLE_COLUMNS),
    "callback": (
        "month bureau kind".split(),
        """due called on_time coverage on_time_rate scored satisfied satisfaction_rate mean_score issues
        issues_verified designation_violations""".split(),
    ),
    "exclusion": ("department stage cause verdict".split(), "claims claimed_wd admitted_wd".split()),
}


class Rules(NamedTuple):
    """The settings that can change a figure, with their defaults."""

    excludable_causes: tuple = ("customer",)
    pending: str = "admit"
    require_timely_report: bool = True
    fault_days: int = 7
    open_claim_wd: int = 20
    min_cases: int = 10
    # The promises that count besides those that always do.
    promises: tuple = ()


# --- the calendar, DOMAIN §3 -------------------------------------------------------------------------------


class Calendar:
    """Knows which days are working days."""

    def __init__(self, path):
        """Reads `covered`, `holidays` and `workdays` from a TOML file."""
        with open(path, "rb") as file:
            content = tomllib.load(file)

        def listed(name):
            entries = content[name]
            days = [e.get("date", e.get("on")) if isinstance(e, dict) else e for e in entries]
            return {date.fromisoformat(str(day)) for day in days}

        self.first_year, self.last_year = content["covered"]
        self.holidays = listed("holidays")
        self.workdays = listed("workdays")

    def is_working(self, day):
        """Is it a working day? A year that is not covered counts Monday to Friday."""
        if self.first_year <= day.year <= self.last_year:
            if day in self.workdays:
                return True
            if day in self.holidays:
                return False
        return day.weekday() < 5

    def days(self, after, until):
        """The set of working days in (after, until]."""
        found = set()
        day = after + ONE_DAY
        while day <= until:
            if self.is_working(day):
                found.add(day)
            day += ONE_DAY
        return found

    def between(self, a, b):
        """W(b) − W(a); negative when b comes first."""
        return len(self.days(a, b)) if a <= b else -len(self.days(b, a))

    def first_of_ordinal(self, day):
        """The first date that has the ordinal of a day: the working day at or before it."""
        while not self.is_working(day):
            day -= ONE_DAY
        return day

    def plus(self, day, working_days):
        """The first date whose ordinal is W(day) + working_days, at least 1."""
        assert working_days >= 1
        while working_days > 0:
            day += ONE_DAY
            if self.is_working(day):
                working_days -= 1
        return day


# --- reading, DOMAIN §2 ------------------------------------------------------------------------------------


class BareDay(datetime):
    """A time of which only the day was written."""


def parse(kind, text):
    """One cell as a typed value; ValueError if it is none."""
    if kind == "text":
        return text
    if kind in ("time", "date"):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?", text):
            raise ValueError(text)
        moment = (BareDay if len(text) == 10 else datetime).fromisoformat(text)
        return moment.date() if kind == "date" else moment
    if kind == "number":
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    if kind == "integer":
        return int(text)
    if kind == "score":
        score = int(text)
        if not 1 <= score <= 5:
            raise ValueError(text)
        return score
    if kind == "bool":
        if text.lower() in ("true", "1", "y", "是"):
            return True
        if text.lower() in ("false", "0", "n", "否"):
            return False
        raise ValueError(text)
    if text not in kind.split("|"):
        raise ValueError(text)
    return text


def typed_row(table, cells):
    """One CSV row with typed values; ValueError if a value is bad or a required one is missing."""
    row = SimpleNamespace()
    for column, kind in TABLES[table]:
        text = (cells.get(column) or "").strip()
        if text:
            value = parse(kind.removesuffix("?"), text)
        elif kind.endswith("?"):
            value = DEFAULTS.get((table, column))
        else:
            raise ValueError(f"{column} is missing")
        setattr(row, column, value)
    if table == "stages" and row.started_at is None and (row.finished_at is not None or row.due_on is None):
        raise ValueError("neither begun nor planned")
    return row


def comes_before(a, b):
    """Is a before b? Dates are compared unless both carry a time of day other than 00:00."""
    if a.time() != time() and b.time() != time():
        return a < b
    return a.date() < b.date()


def one_row_per_key(table, rows):
    """Exact duplicates once; rows that share a key but differ, not at all."""
    variants = {}
    for row in rows:
        key = tuple(getattr(row, column) for column in KEYS[table])
        if key == (None,):
            key = tuple(vars(row).values())
        same_key = variants.setdefault(key, [])
        if row not in same_key:
            same_key.append(row)
    return [same_key[0] for same_key in variants.values() if len(same_key) == 1]


def read_table(folder, table):
    """The good rows of one file, in file order; None if there is no such file."""
    path = Path(folder) / f"{table}.csv"
    if not path.exists():
        return None
    rows = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        for cells in csv.DictReader(file):
            try:
                row = typed_row(table, cells)
            except ValueError:
                continue
            if table in IN_ORDER:
                first, then = (getattr(row, column) for column in IN_ORDER[table])
                if first is not None and then is not None and comes_before(then, first):
                    continue
            rows.append(row)
    return one_row_per_key(table, rows)


def read_all(folder):
    """Every table's good rows, without those whose application or fault is unknown."""
    data = SimpleNamespace(**{table: read_table(folder, table) for table in TABLES})
    application_ids = {a.application_id for a in data.applications}
    data.stages = [s for s in data.stages if s.application_id in application_ids]
    if data.delays is not None:
        data.delays = [d for d in data.delays if d.application_id in application_ids]
    if data.callbacks is not None:
        subjects = {"connection": application_ids}
        if data.faults is not None:
            subjects["fault"] = {f.fault_id for f in data.faults}
        data.callbacks = [c for c in data.callbacks if c.kind not in subjects or c.subject_id in subjects[c.kind]]
    return data


# --- one case, DOMAIN §4 -----------------------------------------------------------------------------------


def known_on(moment, as_of):
    """The date of a moment; None if it is empty or after as-of."""
    return moment.date() if moment is not None and moment.date() <= as_of else None


def mode_of(application):
    """The mode, or the one that the size of an application without mode implies."""
    if application.mode is not None:
        return application.mode
    return "order" if application.capacity_kva >= 4000 or application.key_project else "conventional"


def stage_limit(stage, application):
    """The standard limit of a stage in working days; None if there is none."""
    if stage not in STAGE_LIMITS:
        return None
    low, high_single, high_dual = STAGE_LIMITS[stage]
    if application.voltage_kv < 1:
        return low
    return high_dual if application.supply == "dual" else high_single


def total_limit(application):
    """The standard total limit in working days; None if there is none."""
    if not 10 <= application.voltage_kv <= 20:
        return None
    return 90 if application.supply == "dual" and application.new_feeder else 80


def verdict(claim, due_on, days, rules):
    """The first rule that a claim fails, given the working days it is worth here."""
    if claim.cause not in rules.excludable_causes:
        return "not_excludable"
    if claim.ruling == "rejected":
        return "rejected"
    if claim.ruling == "pending" and rules.pending == "refuse":
        return "pending"
    if rules.require_timely_report:
        if claim.reported_on is None or (due_on is not None and claim.reported_on > due_on):
            return "late_report"
    if not days:
        return "outside_stage"
    return "provisional" if claim.ruling == "pending" else "admitted"


# The verdicts whose days are taken out.
COUNTING = ("admitted", "provisional")


def believed_until(claim, began_on, as_of, calendar, rules):
    """The last day that a claim without an end stands for."""
    if claim.ruling == "admitted":
        return as_of
    heard = [began_on, claim.reported_on, known_on(getattr(claim, "confirmed_at", None), as_of)]
    return min(as_of, calendar.plus(max(day for day in heard if day), rules.open_claim_wd))


def time_claims(delays, as_of, calendar, rules=Rules()):
    """The claims that had begun by as-of, each with the set of its working days."""
    claims = []
    for claim in delays or []:
        began_on = known_on(claim.began_at, as_of)
        if began_on is None:
            continue
        claim.reported_on = known_on(claim.reported_at, as_of)
        ruled_at = getattr(claim, "ruled_at", None)
        if ruled_at is not None and known_on(ruled_at, as_of) is None:
            claim.ruling = "pending"
        claim.ended_on = known_on(claim.ended_at, as_of)
        until = claim.ended_on or believed_until(claim, began_on, as_of, calendar, rules)
        claim.began_on, claim.until = began_on, until
        claim.days = calendar.days(began_on, until)
        claims.append(claim)
    return claims


def time_applications(applications, as_of, calendar):
    """The applications accepted by as-of, with their window and due date."""
    known = []
    for application in applications:
        application.accepted_on = known_on(application.accepted_at, as_of)
        if application.accepted_on is None:
            continue
        application.energised_on = known_on(application.energised_at, as_of)
        application.cancelled_on = known_on(application.cancelled_at, as_of)
        # The end that comes first counts; on one day, the energisation.
        if application.energised_on and application.cancelled_on:
            if application.energised_on <= application.cancelled_on:
                application.cancelled_on = None
            else:
                application.energised_on = None
        application.mode = mode_of(application)
        application.window = calendar.days(
            application.accepted_on, application.energised_on or application.cancelled_on or as_of
        )
        application.due_on = None
        if application.mode == "order" and application.promised_on is not None:
            application.due_on = application.promised_on
        elif total_limit(application) is not None:
            application.due_on = calendar.plus(application.accepted_on, total_limit(application))
        known.append(application)
    return known


def read_network():
    """What each stage and activity of process.toml waits for, and which of them are stages."""
    with open(Path(__file__).resolve().parents[2] / "pipelines" / "process.toml", "rb") as file:
        process = tomllib.load(file)
    after = {step["code"]: step.get("after", []) for step in process["stages"] + process["activities"]}
    return after, {stage["code"] for stage in process["stages"]}


AFTER, STAGES = read_network()
# The stages that come after the energisation.
AFTER_GOAL = {"archiving"}


def passes_known(rows, as_of):
    """The passes that had begun by as-of, and those that were due and had not, with what is known of them."""
    known = []
    for row in rows:
        row.given_due_on = row.due_on
        row.begun_on = known_on(row.started_at, as_of)
        row.done_on = known_on(row.finished_at, as_of) if row.begun_on else None
        if row.begun_on or row.due_on:
            known.append(row)
    return known


def predecessors(stage, known):
    """The passes that a stage waits for: of the nearest stages on record along `after`."""
    recorded = {row.stage for row in known}
    found = set()
    to_visit = list(AFTER[stage.stage])
    while to_visit:
        code = to_visit.pop()
        if code in STAGES and code in recorded:
            found.add(code)
        else:
            to_visit.extend(AFTER[code])
    return [row for row in known if row.stage in found]


def time_start(stage, application, known, as_of, calendar):
    """Fills in from when the clock of a pass runs, whether it inherited a delay, and its state before it begins."""
    stage.state_unbegun = stage.inherited_wd = None
    stage.clock_on, stage.clock_from = stage.begun_on, "start"
    stage.stops_on = application.cancelled_on
    if not stage.begun_on and stage.stage not in AFTER_GOAL:
        stage.stops_on = application.energised_on or application.cancelled_on
    due_on = stage.given_due_on
    begun_on = stage.begun_on
    # What is recorded as begun after a cancellation never ran.
    if begun_on and application.cancelled_on and begun_on > application.cancelled_on:
        begun_on = stage.clock_on = None
        stage.state_unbegun = "passed_over"
    if due_on is None:
        return
    ended_on = application.cancelled_on if stage.begun_on else stage.stops_on
    looked_at = begun_on or ended_on or as_of
    before = predecessors(stage, known)
    if calendar.between(due_on, looked_at) <= 0:
        if not begun_on:
            is_open = any(row.done_on is None for row in before)
            stage.state_unbegun = "passed_over" if ended_on else "waiting" if is_open else "planned"
        return
    counted = [row for row in before if row.given_due_on or (row.begun_on and row.begun_on <= due_on)]
    finishes = [row.done_on for row in counted if row.done_on]
    ready_on = max([application.accepted_on, *finishes])
    if all(row.done_on and row.done_on <= due_on for row in counted) and application.accepted_on <= due_on:
        stage.clock_on, stage.clock_from = ready_on, "ready"
        stage.state_unbegun = "not_started"
        return
    if not begun_on and ended_on:
        stage.state_unbegun = "passed_over"
        return
    last_on = as_of if any(row.done_on is None for row in counted) else ready_on
    stage.inherited_wd = max(0, calendar.between(due_on, last_on))
    stage.state_unbegun = "waiting"


def time_stage(stage, application, claims, as_of, calendar, rules, known):
    """Fills in the clock of one stage pass and judges the claims against it; `known` are all of the application."""
    time_start(stage, application, known, as_of, calendar)
    stage.pairs = []
    stage.overdue_gross = stage.overdue_net = False
    stage.settled_on = stage.limit_wd = stage.over_wd = None
    stage.gross_wd = stage.net_wd = stage.excluded_wd = stage.provisional_wd = stage.worked_wd = 0
    start = stage.clock_on
    if start is None:
        return
    finished_on = stage.done_on
    end = finished_on or as_of
    stops_on = stage.stops_on
    if stops_on is not None and (finished_on is None or finished_on > stops_on):
        finished_on = None
        end = stops_on

    if stage.inherited_wd is not None:
        stage.due_on = None
        if stage.planned_start_on is not None:
            stage.limit_wd = max(0, calendar.between(stage.planned_start_on, stage.given_due_on))
        else:
            stage.limit_wd = stage_limit(stage.stage, application)
        if stage.limit_wd == 0:
            stage.due_on = start if calendar.is_working(start) else calendar.first_of_ordinal(start)
        elif stage.limit_wd is not None:
            stage.due_on = calendar.plus(start, stage.limit_wd)
    elif stage.given_due_on is not None:
        stage.due_on = stage.given_due_on
        stage.limit_wd = calendar.between(start, stage.due_on)
    else:
        stage.limit_wd = stage_limit(stage.stage, application)
        stage.due_on = calendar.plus(start, stage.limit_wd) if stage.limit_wd is not None else None

    window = calendar.days(start, end)
    excluded, ruled = set(), set()
    for claim in claims:
        days = claim.days & window
        if claim.stage == stage.stage or (claim.stage is None and days):
            judged = verdict(claim, stage.due_on, days, rules)
            stage.pairs.append(SimpleNamespace(claim=claim, days=days, verdict=judged))
            if judged in COUNTING:
                excluded |= days
            if judged == "admitted":
                ruled |= days

    stage.excluded_wd = len(excluded)
    stage.provisional_wd = len(excluded) - len(ruled)
    stage.gross_wd = max(0, calendar.between(start, end))
    stage.net_wd = stage.gross_wd - stage.excluded_wd
    if stage.begun_on:
        stage.worked_wd = calendar.between(stage.begun_on, end) - len(excluded & calendar.days(stage.begun_on, end))
    if stage.limit_wd is None:
        return

    stage.overdue_gross = stage.gross_wd > stage.limit_wd
    stage.overdue_net = stage.net_wd > stage.limit_wd
    stage.over_wd = max(0, stage.net_wd - stage.limit_wd)
    stage.settled_on = breached_on(start, end, excluded, stage.limit_wd, calendar) or finished_on


def breached_on(start, end, excluded, limit_wd, calendar):
    """The first working day, from the start to the end, on which the net time ran past the limit."""
    net_wd = 0
    day = start
    while day <= end:
        if day > start and calendar.is_working(day) and day not in excluded:
            net_wd += 1
        if calendar.is_working(day) and net_wd > limit_wd:
            return day
        day += ONE_DAY
    return None


def time_cycle(application, stages, claims, calendar, rules):
    """Fills in the cycle of an energised application; `stages` are its own."""
    excluded = set()
    for stage in stages:
        for pair in stage.pairs:
            if pair.claim.stage is not None and pair.verdict in COUNTING:
                excluded |= pair.days
    for claim in claims:
        if claim.stage is None:
            days = claim.days & application.window
            if verdict(claim, application.due_on, days, rules) in COUNTING:
                excluded |= days
    application.calendar_days = (application.energised_on - application.accepted_on).days
    application.gross_wd = calendar.between(application.accepted_on, application.energised_on)
    application.net_wd = application.gross_wd - len(excluded & application.window)
    application.all_met = not any(stage.overdue_net for stage in stages)


# --- the marts, DOMAIN §5 ----------------------------------------------------------------------------------


def month(day):
    """The first day of the month."""
    return day.replace(day=1)


def one_month_later(day):
    """The same day of the next month, or that month's last day."""
    year, number = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    for day_of_month in (day.day, 30, 29, 28):
        try:
            return date(year, number, day_of_month)
        except ValueError:
            continue


def grouped(rows, grain):
    """(key, rows) for each value of grain(row), in order."""
    groups = {}
    for row in rows:
        groups.setdefault(grain(row), []).append(row)
    return sorted(groups.items(), key=lambda group: group[0])


def ratio(part, whole):
    """part / whole; None if whole is 0."""
    return part / whole if whole else None


def mean(numbers):
    """The mean; None of nothing."""
    return ratio(sum(numbers), len(numbers))


def percentile(numbers, p):
    """The p-quantile (p from 0 to 1) with linear interpolation."""
    numbers = sorted(numbers)
    position = p * (len(numbers) - 1)
    below = math.floor(position)
    above = math.ceil(position)
    return numbers[below] + (numbers[above] - numbers[below]) * (position - below)


def wilson(k, n):
    """Wilson's 95 % interval of k out of n."""
    p = k / n
    z2 = Z_975 * Z_975
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_975 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return centre - half, centre + half


def overdue_counts(stages):
    """settled, overdue_gross, overdue_net."""
    return len(stages), sum(s.overdue_gross for s in stages), sum(s.overdue_net for s in stages)


def stage_overdue(stages, applications):
    """The mart `stage_overdue`."""

    def grain(s):
        application = applications[s.application_id]
        return month(s.settled_on), application.bureau, s.department, s.stage, application.mode

    for key, rows in grouped([s for s in stages if s.settled_on], grain):
        settled, gross, net = overdue_counts(rows)
        excluded_wd = sum(s.excluded_wd for s in rows)
        provisional_wd = sum(s.provisional_wd for s in rows)
        mean_over_wd = mean([s.over_wd for s in rows if s.overdue_net])
        yield *key, settled, gross, net, gross - net, gross / settled, net / settled, excluded_wd, provisional_wd, mean_over_wd


def tail(part, whole, rate):
    """The smaller of the binomial tails, in exact fractions."""
    chance = Fraction(rate).limit_denominator(10**9)
    mass = [math.comb(whole, k) * chance**k * (1 - chance) ** (whole - k) for k in range(whole + 1)]
    return float(min(sum(mass[part:]), sum(mass[: part + 1])))


def twelve_months(first):
    """The first days of a month and of the eleven before it."""
    number = first.year * 12 + first.month - 1
    return {date((number - ago) // 12, (number - ago) % 12 + 1, 1) for ago in range(12)}


def department_month(stages, applications, rules):
    """The mart `department_month`."""
    all_settled = [s for s in stages if s.settled_on]
    mode = {s.application_id: applications[s.application_id].mode for s in all_settled}
    alike = {key: list(rows) for key, rows in grouped(all_settled, lambda s: (s.stage, mode[s.application_id]))}
    year_rates = {}
    for key, rows in grouped(all_settled, lambda s: (month(s.settled_on), s.department)):
        settled, gross, net = overdue_counts(rows)
        rate = net / settled

        of_month = [s for s in all_settled if month(s.settled_on) == key[0]]
        month_settled, _, month_net = overdue_counts(of_month)
        month_rate = month_net / month_settled
        p_value = tail(net, settled, Fraction(month_net, month_settled))
        signal = "none"
        if p_value < 0.025:
            signal = "high" if rate > month_rate else "low" if rate < month_rate else "none"
        if settled < rules.min_cases:
            signal = "few"

        expected = 0
        for s in rows:
            cell = key[0], s.stage, mode[s.application_id]
            if cell not in year_rates:
                year = [o for o in alike[cell[1:]] if month(o.settled_on) in twelve_months(key[0])]
                year_rates[cell] = Fraction(overdue_counts(year)[2], len(year))
            expected += year_rates[cell]
        expected = float(expected)

        sizes = [list(d) for _, d in grouped(of_month, lambda s: s.department)]
        rates = [overdue_counts(d)[2] / len(d) for d in sizes if len(d) >= rules.min_cases]
        rank = 1 + sum(other < rate for other in rates) if settled >= rules.min_cases else None
        ratio_expected = net / expected if expected else None
        yield (
            *key, settled, gross, net, gross / settled, rate, *wilson(net, settled), expected, ratio_expected, p_value,
            signal, rank,
        )  # fmt: skip


def cycle(applications, grain):
    """The marts `cycle` and `cycle_by_mode`."""
    completed = [a for a in applications.values() if a.energised_on and not a.cancelled_on]
    for key, rows in grouped(completed, grain):
        net_wd = [a.net_wd for a in rows]
        promised = [a for a in rows if a.promised_on]
        kept = [a for a in promised if a.energised_on <= a.promised_on]
        all_met = sum(a.all_met for a in rows)
        yield (
            *key,
            len(rows),
            mean([a.calendar_days for a in rows]),
            mean([a.gross_wd for a in rows]),
            mean(net_wd),
            percentile(net_wd, 0.5),
            percentile(net_wd, 0.8),
            percentile(net_wd, 0.9),
            len(promised),
            len(kept),
            ratio(len(kept), len(promised)),
            all_met,
            all_met / len(rows),
        )


def callback(applications, faults, callbacks, as_of, rules):
    """The mart `callback`; no rows without a callbacks file."""
    if callbacks is None:
        return
    subjects = []
    for a in applications.values():
        if a.energised_on and not a.cancelled_on:
            subjects.append((one_month_later(a.energised_on), a.bureau, "connection", a.application_id))
    for f in faults or []:
        restored_on = known_on(f.restored_at, as_of)
        if restored_on:
            subjects.append((restored_on + rules.fault_days * ONE_DAY, f.bureau, "fault", f.fault_id))
    subjects = [s for s in subjects if s[0] <= as_of]

    first_reached = {}
    for c in callbacks:
        if c.outcome == "reached" and known_on(c.called_at, as_of):
            best = first_reached.get((c.kind, c.subject_id))
            if best is None or c.called_at < best.called_at:
                first_reached[c.kind, c.subject_id] = c

    for key, rows in grouped(subjects, lambda s: (month(s[0]), s[1], s[2])):
        reached = []
        on_time = 0
        for due_on, _, kind, subject_id in rows:
            call = first_reached.get((kind, subject_id))
            if call is not None:
                reached.append(call)
                on_time += call.called_at.date() <= due_on
        scores = [c.score for c in reached if c.score is not None]
        satisfied = sum(score >= 4 for score in scores)
        issues = [c for c in reached if c.issue_category is not None]
        yield (
            *key,
            len(rows),
            len(reached),
            on_time,
            len(reached) / len(rows),
            on_time / len(rows),
            len(scores),
            satisfied,
            ratio(satisfied, len(scores)),
            mean(scores),
            len(issues),
            sum(c.issue_verified is True for c in issues),
            sum(c.free_choice is False for c in reached),
        )


def exclusion(stages):
    """The mart `exclusion`: verdicts on pairs of a claim and a stage pass."""
    verdicts = [(s.department, s.stage, p.claim.cause, p.verdict, len(p.days)) for s in stages for p in s.pairs]
    for key, rows in grouped(verdicts, lambda row: row[:4]):
        claimed_wd = sum(row[4] for row in rows)
        yield *key, len(rows), claimed_wd, claimed_wd if key[3] in COUNTING else 0


def compute(folder, as_of, calendar, rules=Rules()):
    """Every mart as a list of rows, by name."""
    data = read_all(folder)
    applications = {a.application_id: a for a in time_applications(data.applications, as_of, calendar)}

    claims_of = {application_id: [] for application_id in applications}
    for claim in time_claims(data.delays, as_of, calendar, rules):
        if claim.application_id in applications:
            claims_of[claim.application_id].append(claim)

    stages = []
    stages_of = {application_id: [] for application_id in applications}
    for stage in passes_known(data.stages, as_of):
        if stage.application_id in applications:
            stages_of[stage.application_id].append(stage)
    for application_id, known in stages_of.items():
        for stage in known:
            application = applications[application_id]
            time_stage(stage, application, claims_of[application_id], as_of, calendar, rules, known)
            stages.append(stage)

    for application_id, application in applications.items():
        if application.energised_on:
            time_cycle(application, stages_of[application_id], claims_of[application_id], calendar, rules)

    return {
        "stage_overdue": list(stage_overdue(stages, applications)),
        "department_month": list(department_month(stages, applications, rules)),
        "cycle": list(
            cycle(applications, lambda a: (month(a.energised_on), a.bureau, a.mode, a.voltage_kv))
        ),
        "cycle_by_mode": list(cycle(applications, lambda a: (month(a.energised_on), a.mode))),
        "callback": list(callback(applications, data.faults, data.callbacks, as_of, rules)),
        "exclusion": list(exclusion(stages)),
    }


def main():
    """Reads the arguments, writes one CSV for each mart."""
    project = Path(__file__).resolve().parents[2]
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data_dir", type=Path)
    arguments.add_argument("as_of", type=date.fromisoformat)
    arguments.add_argument("out_dir", type=Path)
    arguments.add_argument("--calendar", type=Path, default=project / "pipelines" / "calendars" / "cn.toml")
    arguments.add_argument("--excludable-causes", default="customer", help="separated by commas")
    arguments.add_argument("--pending", choices=["admit", "refuse"], default="admit")
    arguments.add_argument("--no-timely-report", action="store_true", help="late reports count too")
    arguments.add_argument("--fault-days", type=int, default=7)
    given = arguments.parse_args()

    causes = tuple(given.excludable_causes.split(","))
    rules = Rules(causes, given.pending, not given.no_timely_report, given.fault_days)
    marts = compute(given.data_dir, given.as_of, Calendar(given.calendar), rules)
    given.out_dir.mkdir(parents=True, exist_ok=True)
    for name, rows in marts.items():
        grain, columns = MARTS[name]
        with open(given.out_dir / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(grain + columns)
            writer.writerows(rows)


if __name__ == "__main__":
    main()
