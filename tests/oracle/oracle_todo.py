"""Recomputes what DOMAIN.md says of things to do: promises not kept, outages to come, visits, actions, issues to settle,
early warnings, loaded equipment and expected demand; see oracle.py.

    python oracle_todo.py DATA_DIR AS_OF OUT_DIR CLEAN_DIR

Forecasts and what became of replayed ones are taken from the program's clean tables; which of them have earned trust is
worked out here.

Readings taken: an application has what it has used and what is left to its effective due date; a stage that the
reminders list is not warned of again; a claim is warned of for every pass under way that it is about; outages are planned
whatever the as-of day, and announced only once the day has come.
"""

import argparse
import csv
import math
from datetime import date
from pathlib import Path

import duckdb
from oracle import ONE_DAY, Calendar, Rules, known_on, month, percentile, verdict
from oracle_dealings import due_calls, gathered, rows_of, subject_of
from oracle_service import (
    ARRIVAL_MINUTES,
    NOTICE_MINUTES,
    RESTORE_MINUTES,
    UNDECIDED,
    arrival_kept,
    calls_kept,
    forwarded_same_day,
    handled_in_time,
    is_open,
    known,
    minutes,
    notice_kept,
    read_context,
    restore_kept,
    restricted_since,
    stage_within,
)

MARTS = {
    "broken_promise": (
        ["promise", "subject_id", "stage", "pass"],
        "bureau department took_wd limit_wd over_wd took_min limit_min over_min".split(),
    ),
    "outage_plan": (
        ["outage_id"],
        """week_on planned_on application_id bureau manager_id ready_on waited_wd days_to_plan affects_others
        outages_this_year approval announced_on announced_ahead_days announcement""".split(),
    ),
    "visit": (
        ["month", "manager_id"],
        "visits customers opinions answered answered_rate p50_answered_days open_now".split(),
    ),
    "action": (["month", "owner_role"], "inquiries talks notices others before_due p50_after_due_days".split()),
    "rectification": (
        ["kind", "subject_id"],
        "department bureau manager_id called_on category verified action settled_on open_days".split(),
    ),
    "warning": (
        ["kind", "case_id", "stage", "pass", "due_on"],
        "bureau department manager_id left_wd used_wd limit_wd p_on_time".split(),
    ),
    "restricted": (
        ["bureau", "feeder_or_station"],
        "listed_month overload load_rate limit_kva restricted_since_on waiting held_kva left_kva".split(),
    ),
    "demand": (["bureau", "expected_month", "source"], ["customers", "expected_kva"]),
}

REMIND_WD, WARN_WD, ANNOUNCE_DAYS, OUTAGE_WD, SURVEY_WD = 1, 3, 7, 7, 5
FEWEST_REPLAYED, Z = 30, 1.959963984540054


def day(text):
    """The day of a cell."""
    return date.fromisoformat(text[:10]) if text else None


def come(text, as_of):
    """The day of a cell, once it has come."""
    found = day(text)
    return found if found and found <= as_of else None


def over(took, limit):
    """What it took less what was promised."""
    return None if took is None or limit is None else took - limit


def promises(context):
    """(promise, subject, stage, pass, start, kept, bureau, department, working days, limit, minutes, limit)."""
    as_of, calendar = context.as_of, context.calendar
    for stage in context.stages:
        a = context.applications[stage.application_id]
        if stage.clock_on and stage.stage == "survey" and a.mode == "order":
            kept = stage_within(stage, a, SURVEY_WD, as_of)
            key = ("survey_5wd", a.application_id, stage.stage, getattr(stage, "pass"), stage.clock_on, kept)
            yield *key, a.bureau, stage.department, stage.net_wd, SURVEY_WD, None, None
    for outage in context.outages:
        a = context.applications[outage.application_id]
        ready_on, outage_on = known_on(outage.ready_at, as_of), known_on(outage.outage_at, as_of)
        if ready_on is None:
            continue
        until = a.cancelled_on or as_of
        waits = outage_on is None or outage_on > until
        took = calendar.between(ready_on, until if waits else outage_on)
        kept = (None if took <= OUTAGE_WD else False) if waits else took <= OUTAGE_WD
        yield "outage_7wd", outage.outage_id, None, None, ready_on, kept, a.bureau, None, took, OUTAGE_WD, None, None
        if outage_on and (outage.outages_this_year or 0) >= 3:
            kept = outage.special_approval is True
            key = ("third_outage_approved", outage.outage_id, None, None, outage_on, kept)
            yield *key, a.bureau, None, None, None, None, None
    for fault in context.faults or []:
        reported_at, arrived_at, restored_at, outage_at, notified_at = (
            known(getattr(fault, column), as_of)
            for column in "reported_at arrived_at restored_at outage_at notified_at".split()
        )
        for name, start, end, kept, limit in (
            ("arrival", reported_at, arrived_at, arrival_kept(fault, as_of), ARRIVAL_MINUTES[fault.area]),
            ("restore", arrived_at, restored_at, restore_kept(fault, as_of), RESTORE_MINUTES[fault.area]),
            ("outage_notice", outage_at, notified_at, notice_kept(fault, as_of), NOTICE_MINUTES),
            ("two_calls", reported_at, None, calls_kept(fault, as_of), None),
        ):
            if start is not None and kept is not UNDECIDED:
                took = minutes(start, end) if end is not None else None
                yield name, fault.fault_id, None, None, start.date(), kept, fault.bureau, None, None, None, took, limit
    for c in context.complaints or []:
        on = c.received_at.date()
        for name, kept in (
            ("complaint_same_day", forwarded_same_day(c, as_of)),
            ("complaint_handled", handled_in_time(c, as_of)),
        ):
            yield name, c.complaint_id, None, None, on, kept, c.bureau, c.department, None, None, None, None


def broken_promise(context):
    """Promises that began in the month and were not kept."""
    for name, subject, stage, which, on, kept, bureau, department, wd, limit_wd, took, limit in promises(context):
        if kept is False and month(on) == month(context.as_of):
            days = (wd, limit_wd, over(wd, limit_wd))
            yield name, subject, stage, which, bureau, department, *days, took, limit, over(took, limit)


def announcement(affects_others, planned_on, announced_on, as_of):
    """Whether an outage was announced in time to those whom it concerns."""
    if not affects_others:
        return "not_needed"
    if planned_on is None:
        return "no_plan"
    if announced_on is None:
        return "missed" if (planned_on - as_of).days < ANNOUNCE_DAYS else "to_come"
    return "in_time" if (planned_on - announced_on).days >= ANNOUNCE_DAYS else "late"


def outage_plan(context):
    """Outages that open applications wait for."""
    as_of = context.as_of
    plans = {row["outage_id"]: row for row in rows_of(context.folder, "outages")}
    for o in context.outages:
        a = context.applications[o.application_id]
        ready_on = known_on(o.ready_at, as_of)
        if ready_on is None or not is_open(a) or known_on(o.outage_at, as_of):
            continue
        plan = plans[o.outage_id]
        planned_on, announced_on = day(plan.get("planned_on")), come(plan.get("announced_at"), as_of)
        nth = o.outages_this_year
        approval = "not_needed" if nth is None or nth < 3 else "approved" if o.special_approval else "missing"
        yield (
            o.outage_id,
            planned_on and planned_on - planned_on.weekday() * ONE_DAY,
            planned_on,
            o.application_id,
            a.bureau,
            a.manager_id,
            ready_on,
            context.calendar.between(ready_on, as_of),
            planned_on and (planned_on - as_of).days,
            o.affects_others,
            nth,
            approval,
            announced_on,
            (planned_on - announced_on).days if planned_on and announced_on else None,
            announcement(o.affects_others, planned_on, announced_on, as_of),
        )


def visit(context):
    """Visits of a manager in a month."""
    made = []
    for row in rows_of(context.folder, "visits"):
        visited_on = come(row["visited_at"], context.as_of)
        if visited_on:
            answered_on = come(row["answered_at"], context.as_of)
            made.append((month(visited_on), row["manager_id"], row["customer"], row["opinion"], visited_on, answered_on))
    for key, own in gathered(made, lambda row: row[:2]):
        told = [row for row in own if row[3]]
        answered = [row for row in told if row[5]]
        waits = [(row[5] - row[4]).days for row in own if row[5]]
        yield (
            *key,
            len(own),
            len({row[2] for row in own}),
            len(told),
            len(answered),
            len(answered) / len(told) if told else None,
            percentile(waits, 0.5) if waits else None,
            len(told) - len(answered),
        )


def action(context):
    """Actions of an owner in a month."""
    taken = []
    for row in rows_of(context.folder, "actions"):
        taken_on, a = come(row["taken_at"], context.as_of), context.applications.get(row["application_id"])
        if taken_on and a:
            after = (taken_on - a.due_on).days if a.due_on else None
            taken.append((month(taken_on), row["owner_role"] or None, row["kind"], after))
    for key, own in gathered(taken, lambda row: row[:2]):
        kinds = [row[2] for row in own]
        counts = [kinds.count(kind) for kind in ("inquiry", "talk", "notice")]
        after = [row[3] for row in own if row[3] is not None]
        before = sum(days <= 0 for days in after)
        yield *key, *counts, len(own) - sum(counts), before, percentile(after, 0.5) if after else None


def rectification(context):
    """Issues of callbacks due this month, and earlier ones that are open."""
    as_of = context.as_of
    more = {row["callback_id"]: row for row in rows_of(context.folder, "callbacks")}
    for kind, case, _, due_on in due_calls(context):
        call = context.first_reached.get((kind, subject_of(kind, case)))
        if due_on > as_of or call is None or call.issue_category is None:
            continue
        called_on, settled_on = call.called_at.date(), come(more[call.callback_id].get("issue_settled_at"), as_of)
        if month(due_on) == month(as_of) or (settled_on is None and call.issue_verified is not False):
            yield (
                kind,
                subject_of(kind, case),
                call.issue_department,
                case.bureau,
                getattr(case, "manager_id", None),
                called_on,
                call.issue_category,
                call.issue_verified,
                more[call.callback_id].get("issue_action") or None,
                settled_on,
                None if settled_on else (as_of - called_on).days,
            )


def wilson(part, whole):
    """The 95 % Wilson interval of a share."""
    share, z2 = part / whole, Z * Z
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z * math.sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole)) / (1 + z2 / whole)
    return middle - half, middle + half


def trusted(clean):
    """The chance of every application whose forecast has earned trust."""
    replayed = duckdb.sql(
        f"select band, on_time, p_on_time, on_time_ppm from '{clean}/backtest.parquet' "
        "where on_time is not null and p_on_time is not null"
    ).fetchall()
    if not replayed:
        return {}
    rate = sum(row[1] for row in replayed) / len(replayed)
    brier = sum((row[1] - row[3] / 1e6) ** 2 for row in replayed) / len(replayed)
    if brier >= rate * (1 - rate):
        return {}
    bands = {}
    for band, own in gathered(replayed, lambda row: row[0]):
        low, high = wilson(sum(row[1] for row in own), len(own))
        mean = sum(row[3] for row in own) / 1e6 / len(own)
        bands[band] = len(own) >= FEWEST_REPLAYED and low <= mean <= high
    chances = duckdb.sql(f"select application_id, p_on_time, band from '{clean}/forecasts.parquet'").fetchall()
    return {name: chance for name, chance, band in chances if chance is not None and bands.get(band)}


def stages_running_out(context):
    """Running passes that have used four fifths of their limit."""
    calendar, as_of = context.calendar, context.as_of
    for s in context.stages:
        a = context.applications[s.application_id]
        if not s.begun_on or s.done_on or a.cancelled_on or not s.limit_wd or s.overdue_net:
            continue
        left, due_in = s.limit_wd - s.net_wd, calendar.between(as_of, s.due_on)
        if s.net_wd * 5 >= s.limit_wd * 4 and left > REMIND_WD and due_in > REMIND_WD:
            due_on = calendar.plus(s.due_on, s.excluded_wd) if s.excluded_wd else s.due_on
            key = ("stage", s.application_id, s.stage, getattr(s, "pass"), due_on)
            yield *key, a.bureau, s.department, a.manager_id, left, s.net_wd, s.limit_wd, None


def applications_running_out(context):
    """Applications that have used four fifths, are unlikely to be on time, or whose owner rises."""
    calendar, as_of = context.calendar, context.as_of
    chances = trusted(context.clean)
    for w in context.watched:
        a, stage = w.application, w.current
        where = (a.bureau, stage and stage.department, a.manager_id)
        key = (a.application_id, stage and stage.stage, None)
        if w.remaining_wd is not None and w.remaining_wd >= 0:
            net = calendar.between(a.accepted_on, as_of) - w.excluded_wd
            used = (w.remaining_wd, net, net + w.remaining_wd)
            if net * 5 >= used[2] * 4:
                yield "total", *key, w.effective_due_on, *where, *used, None
            if chances.get(a.application_id, 1) < 0.5:
                yield "forecast", *key, w.effective_due_on, *where, *used, chances[a.application_id]
        if w.next_rise_on and calendar.between(as_of, w.next_rise_on) <= WARN_WD:
            left = calendar.between(as_of, w.next_rise_on)
            yield "owner", *key, w.next_rise_on, *where, left, None, None, None


def lapses(claim, context):
    """(the last day that it is believed, working days to it) of a claim that is about to lapse."""
    if claim.ended_on or claim.ruling != "pending":
        return None
    heard = [claim.began_on, claim.reported_on, known_on(getattr(claim, "confirmed_at", None), context.as_of)]
    on = context.calendar.plus(max(filter(None, heard)), context.rules.open_claim_wd)
    left = context.calendar.between(context.as_of, on)
    return (on, left) if 0 <= left <= WARN_WD else None


def claims_lapsing(context):
    """Claims that count provisionally, and soon no more."""
    for a in filter(is_open, context.applications.values()):
        for s in context.stages_of[a.application_id]:
            for pair in s.pairs if s.begun_on and not s.done_on else []:
                found = pair.verdict == "provisional" and lapses(pair.claim, context)
                if found:
                    key = ("claim", a.application_id, s.stage, getattr(s, "pass"), found[0])
                    yield *key, a.bureau, s.department, a.manager_id, found[1], None, None, None
        for claim in context.claims_of[a.application_id]:
            found = claim.stage is None and lapses(claim, context)
            if found and verdict(claim, a.due_on, claim.days & a.window, context.rules) == "provisional":
                key = ("claim", a.application_id, None, None, found[0])
                yield *key, a.bureau, None, a.manager_id, found[1], None, None, None


def callbacks_falling_due(context):
    """Callbacks that fall due within three working days."""
    for kind, case, _, due_on in due_calls(context):
        left = context.calendar.between(context.as_of, due_on)
        reached = context.first_reached.get((kind, subject_of(kind, case)))
        if due_on > context.as_of and left <= WARN_WD and reached is None:
            key = ("callback", subject_of(kind, case), None, None, due_on)
            yield *key, case.bureau, None, getattr(case, "manager_id", None), left, None, None, None


def warning(context):
    """What is not late and is likely to be."""
    for rows in (stages_running_out, applications_running_out, claims_lapsing, callbacks_falling_due):
        yield from rows(context)


def newest(rows, as_of):
    """Those of the newest list."""
    listed = [row for row in rows or [] if row.month <= as_of]
    last = max((row.month for row in listed), default=None)
    return [row for row in listed if row.month == last]


def restricted(context):
    """Equipment of the newest list, and what is to be connected to it."""
    for r in newest(context.restrictions, context.as_of):
        state = "over" if r.load_rate >= 1 else "limited" if r.limit_kva is not None else "listed"
        if state == "listed" and r.load_rate >= 0.8:
            state = "heavy"
        there = lambda a: (a.bureau, a.feeder_or_station) == (r.bureau, r.feeder_or_station) and is_open(a)
        waiting = [a.capacity_kva for a in context.applications.values() if there(a)]
        since = restricted_since(context, r.bureau, r.feeder_or_station)
        left = None if r.limit_kva is None else r.limit_kva - sum(waiting)
        key = (r.bureau, r.feeder_or_station, r.month, state)
        yield *key, r.load_rate, r.limit_kva, since, len(waiting), sum(waiting), left


def demand(context):
    """Expected demand of the newest list."""
    rows = newest(context.demands, context.as_of)
    for key, own in gathered(rows, lambda d: (d.bureau, d.expected_on and month(d.expected_on), d.source)):
        yield *key, len({d.customer for d in own}), sum(d.expected_kva for d in own)


def main():
    """Reads the arguments, writes one CSV for each mart."""
    project = Path(__file__).resolve().parents[2]
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data_dir", type=Path)
    arguments.add_argument("as_of", type=date.fromisoformat)
    arguments.add_argument("out_dir", type=Path)
    arguments.add_argument("clean_dir", type=Path)
    given = arguments.parse_args()
    calendar = Calendar(project / "pipelines" / "calendars" / "cn.toml")
    context = read_context(given.data_dir, given.as_of, calendar, Rules())
    context.folder, context.clean = given.data_dir, given.clean_dir
    marts = [broken_promise, outage_plan, visit, action, rectification, warning, restricted, demand]
    given.out_dir.mkdir(parents=True, exist_ok=True)
    for mart in marts:
        grain, columns = MARTS[mart.__name__]
        with open(given.out_dir / f"{mart.__name__}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(grain + columns)
            for row in mart(context):
                assert len(row) == len(grain + columns), (mart.__name__, row)
                writer.writerow(row)


if __name__ == "__main__":
    main()
