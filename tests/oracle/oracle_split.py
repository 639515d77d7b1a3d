"""Whose the days of an application are, day by day: DOMAIN §8's queue and §5's time_split, volume and fulfilment.

Every day from the day after acceptance is looked at alone. What DOMAIN leaves open stands after `CHOICE:`, with the reading
not taken in parentheses.
"""

import tomllib
from collections import Counter
from copy import copy
from datetime import date, timedelta
from pathlib import Path

from oracle import COUNTING, grouped, month, verdict

PROJECT = Path(__file__).resolve().parents[2]
DAY = timedelta(days=1)
PARTS = ["work", "waiting", "customer", "government", "other"]
NODES = {"scheme", "design_review", "mid_inspection", "final_inspection", "metering"}
WEIGHTS = {"high": 0.6, "low": 0.3, "generation": 0.1}


class Network:
    """Stages and activities of process.toml, what each waits for, and which connections have it."""

    def __init__(self, path):
        """Reads the file."""
        with open(path, "rb") as file:
            content = tomllib.load(file)
        self.steps = {step["code"]: step for step in content["stages"] + content["activities"]}
        self.activities = {step["code"] for step in content["activities"]}
        self.goal = content["goal"]
        self.order = []
        while len(self.order) < len(self.steps):
            ready = (c for c in self.steps if c not in self.order and set(self.after(c)) <= set(self.order))
            self.order.append(next(ready))

    def after(self, code):
        """What a step waits for directly."""
        return self.steps[code].get("after", [])

    def all_before(self, code):
        """What a step waits for, near or far."""
        found = set()
        for earlier in self.after(code) if code in self.steps else []:
            found |= {earlier} | self.all_before(earlier)
        return found

    def department(self, code, application):
        """Who usually does a stage."""
        choices = self.steps[code].get("department")
        if not isinstance(choices, list):
            return choices
        return next(choice["is"] for choice in choices if fits(choice.get("when", {}), application))

    def has_customer_between(self, finished, awaited, application, recorded):
        """Has the customer something to do before a stage that was not done before another had finished?"""
        # CHOICE: what the customer does before the stage awaited counts, also where the gate stands beside it in the
        # network (only where the gate itself leads to the activity); not what the gate comes after. A stage in between
        # is passed over only where such connections do not have it (where it is not on record).
        if awaited not in self.steps or awaited in self.activities:
            return False
        done = self.all_before(finished)

        def found(code):
            for earlier in self.after(code):
                if earlier in done:
                    continue
                if earlier in self.activities and fits(self.steps[earlier].get("when", {}), application):
                    return True
                has = fits(self.steps[earlier].get("when", {}), application) or earlier in recorded
                if (earlier in self.activities or not has) and found(earlier):
                    return True
            return False

        return found(awaited)

    def next_stage(self, application, begun, planned):
        """The stage whose turn it is where none is running, and who does it; or nothing."""
        past = set(begun)
        for code in begun:
            past |= self.all_before(code)
        to_come = [code for code in self.order if code not in self.activities and code not in past]
        plans = [code for code in to_come if code in planned]
        usual = [code for code in to_come if fits(self.steps[code].get("when", {}), application)]
        if not plans and not usual:
            return None
        code = (plans or usual)[0]
        return code, planned.get(code) or self.department(code, application)


def fits(when, application):
    """Has a connection what `when` asks for?"""
    kv = application.voltage_kv
    supply = application.supply or "single"
    return (
        when.get("voltage", "high" if kv >= 1 else "low") == ("high" if kv >= 1 else "low")
        and kv >= when.get("min_kv", 0)
        and kv <= when.get("max_kv", kv)
        and when.get("supply", supply) == supply
        and when.get("new_feeder", bool(application.new_feeder)) == bool(application.new_feeder)
    )


NETWORK = Network(PROJECT / "pipelines" / "process.toml")


def owner_of_cause(cause, counts):
    """Whose the days of a claim of that cause are; None: the utility's own."""
    # CHOICE: delays of the grid and internal ones are the utility's, unless the settings take them out (others').
    if cause in ("customer", "government"):
        return cause
    if cause in ("grid", "internal"):
        return "other" if counts else None
    return "other"


def held(claim, due_on, calendar, rules, after, until):
    """The calendar days of a claim in (after, until] that are its cause's, whose, and whether the clock leaves them out."""
    until = min(until, claim.until)
    after = max(after, claim.began_on)
    days = {after + DAY * n for n in range(1, (until - after).days + 1)}
    working = calendar.days(after, until) if after < until else set()
    judged = verdict(claim, due_on, working, rules)
    counts = judged in COUNTING
    if judged == "not_excludable":
        # CHOICE: a claim of another cause is that cause's where only its cause keeps it from counting (nobody's).
        like = copy(claim)
        like.cause = rules.excludable_causes[0] if rules.excludable_causes else None
        if like.cause is None or verdict(like, due_on, working, rules) not in COUNTING:
            return None
    elif not counts:
        return None
    whose = owner_of_cause(claim.cause, counts)
    return (days, whose, counts) if whose else None


def whose_days(application, path, as_of, calendar, rules):
    """A list of (day, whose, charged, is_wait, pass or None, stage, department), a row for each day of the cycle."""
    of_whole = []
    end_of_whole = application.energised_on or application.cancelled_on or as_of
    for claim in application.claims:
        if claim.stage is None:
            found = held(claim, application.due_on, calendar, rules, application.accepted_on, end_of_whole)
            of_whole += [found] if found else []
    of_pass = {}
    for p in path:
        of_pass[id(p)] = []
        for claim in application.claims:
            if claim.stage == p.stage or (claim.stage is None and any(pair.claim is claim for pair in p.pairs)):
                found = held(claim, p.due_on, calendar, rules, p.clock_on, p.until)
                of_pass[id(p)] += [found] if found else []

    recorded = {p.stage for p in application.passes}
    awaited = (None, None)
    last = max([p.until for p in path], default=application.accepted_on)
    if application.energised:
        own = [p for p in sorted_known(application) if p.stage == NETWORK.goal]
        awaited = NETWORK.goal, own[-1].department if own else NETWORK.department(NETWORK.goal, application)
        last = application.energised_on
    # CHOICE: the stage whose turn it is has been awaited since the last finish, while nobody works (nobody's).
    elif application.end == "open" and all(p.finish is not None for p in application.passes):
        planned = {p.stage: p.department for p in reversed(sorted_known(application)) if not p.begun_on}
        found = NETWORK.next_stage(application, {p.stage for p in application.passes}, planned)
        if found:
            awaited = found
            last = as_of

    days = []
    for number in range(1, (last - application.accepted_on).days + 1):
        day = application.accepted_on + DAY * number
        working = next((p for p in path if p.started_at.date() < day <= p.until), None)
        following = next((p for p in path if p.started_at.date() >= day), None)
        at = working or following
        stage, department = (at.stage, at.department) if at else awaited
        holding = [h for h in (of_pass[id(at)] if at else []) + ([] if working else of_whole) if day in h[0]]
        earlier = [p for p in path if p is not working and p.until < day]
        if not working and earlier and stage:
            if NETWORK.has_customer_between(earlier[-1].stage, stage, application, recorded):
                days.append((day, "customer", False, True, at, stage, department))
                continue
        # CHOICE: what the clock leaves out goes before what it does not, then customer, government, others (the longest).
        holding.sort(key=lambda h: (not h[2], PARTS.index(h[1])))
        whose = holding[0][1] if holding else "work" if working else "waiting"
        charged = not (holding and holding[0][2])
        days.append((day, whose, charged, not working, at, stage, department))
    return days


def sorted_known(application):
    """Its passes in their order, those that have not begun after the rest."""
    codes = list(NETWORK.steps)
    plans = [p for p in application.known if not p.begun_on]
    plans.sort(key=lambda p: (codes.index(p.stage) if p.stage in codes else len(codes), getattr(p, "pass")))
    return application.passes + plans


def time_split(context):
    """The mart `time_split`."""
    energised = [a for a in context.applications if a.energised]
    grain = lambda a: (month(a.energised_on), a.bureau, a.mode)
    for key, members in grouped(energised, grain):
        counts = Counter(whose for a in members for _, whose, *_ in a.whose)
        assert sum(counts.values()) == sum(a.days for a in members)
        n = len(members)
        yield *key, n, sum(a.days for a in members) / n, *[counts[part] / n for part in PARTS]


VOLTAGES = [(110, "from_110_kv"), (35, "35_110_kv"), (1, "1_35_kv"), (0, "below_1_kv")]


def voltage_class(application):
    """The class of voltages of an application."""
    return next(name for least, name in VOLTAGES if application.voltage_kv >= least)


def months_between(first, last):
    """The first days of the months from that of one day to that of another."""
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(days=31)).replace(day=1)


def volume(context):
    """The mart `volume`."""
    as_of = context.as_of
    counts = {}
    first = min([a.accepted_on for a in context.applications] + [p.begun_on for p in context.passes])
    months = list(months_between(first, as_of))

    def add(day, application, what):
        key = month(day), application.bureau, application.mode, voltage_class(application)
        cell = counts.setdefault(key, Counter())
        cell[what] += 1
        cell[what + "_kva"] += round(application.capacity_kva * 1000)

    for a in context.applications:
        add(a.accepted_on, a, "accepted")
        if a.energised_on:
            add(a.energised_on, a, "energised")
        if a.cancelled_on:
            add(a.cancelled_on, a, "cancelled")
        ended_on = a.energised_on or a.cancelled_on
        for day in months_between(a.accepted_on, as_of):
            last = min(as_of, (day + timedelta(days=31)).replace(day=1) - DAY)
            if ended_on is None or ended_on > last:
                add(day, a, "open")

    groups = {key[1:] for key in counts}
    nothing = Counter()
    for first_day in months:
        before = date(first_day.year - 1, first_day.month, 1)
        for group in sorted(groups):
            own = counts.get((first_day, *group), nothing)
            earlier = counts.get((before, *group), nothing)
            to_date = [cell for key, cell in counts.items() if key[1:] == group and key[0] <= first_day]
            of_year = [counts.get((m, *group), nothing) for m in months_between(date(first_day.year, 1, 1), first_day)]
            # CHOICE: a row where anything of it has happened, or where the year before is known (all).
            if not to_date and before not in months:
                continue
            row = []
            for what in ("accepted", "energised", "cancelled", "open"):
                row += [own[what], own[what + "_kva"] / 1000]
            for what in ("accepted", "energised", "cancelled", "open"):
                known = before in months
                row += [earlier[what] if known else None, earlier[what + "_kva"] / 1000 if known else None]
            for what in ("accepted", "energised", "cancelled"):
                row += [sum(cell[what] for cell in of_year), sum(cell[what + "_kva"] for cell in of_year) / 1000]
            yield first_day, *group, *row


def fulfilment(context):
    """The mart `fulfilment`."""
    rows = []
    for a in context.applications:
        if not a.energised:
            continue
        archived = [p.finish.date() for p in a.passes if p.stage == "archiving" and p.finish]
        # CHOICE: of several passes of archiving the last finish (the first).
        day = max(archived, default=a.energised_on)
        if a.voltage_kv >= 1:
            judged = [p.overdue_net for p in a.known if p.stage in NODES and p.limit_wd is not None]
            met = not any(judged) if judged else None
        else:
            # CHOICE: admitted days push the due date out, as everywhere (the bare total).
            met = None if a.effective_due_on is None else a.energised_on <= a.effective_due_on
        kind = "high" if a.voltage_kv >= 1 else "low"
        if getattr(a, "business", None) in ("generation", "charging"):
            kind = "generation"
        rows.append((month(day), a.bureau, kind, met))
    for key, members in grouped(rows, lambda row: row[:2]):
        figures, weighted, weights = [], 0, 0
        for kind in WEIGHTS:
            judged = [met for *_, own, met in members if own == kind and met is not None]
            rate = sum(judged) / len(judged) if judged else None
            figures += [len(judged), sum(judged), rate]
            if judged:
                weighted += WEIGHTS[kind] * rate
                weights += WEIGHTS[kind]
        # CHOICE: what has no limit is in no rate (met).
        unknown = sum(met is None for *_, met in members)
        yield *key, *figures, weighted / weights if weights else None, unknown
