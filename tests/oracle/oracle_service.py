"""Recomputes the service marts of DOMAIN.md and issue 3 the slow and obvious way; see oracle.py.

    python oracle_service.py DATA_DIR AS_OF OUT_DIR

Where the texts leave a choice, the reading taken here (and the one not taken). What is marked * was decided after a
first comparison with the program had shown that the texts leave it open: agreement there proves only that the code
does what was decided. All else was read from the texts alone.

 1. as-of, to the minute: the as-of day counts whole, so an open case's time runs to the midnight after it (12:00).
 2. minutes are exact, seconds count: 45 min 30 s is past 45 min (whole minutes). Percentiles too.
 3. watchlist: open = accepted, neither energised nor cancelled by as-of. Levels are judged in calendar days
    against effective_due_on; past due = as-of > effective_due_on (remaining_wd < 0).
 4. one month before 31 March is 28/29 February, the month's last day (the first day whose next month is later).
 5. owner_since_on = the first day of the level under today's effective due date, not before acceptance (as the
    due date was known then). Without a due date: level 0 since acceptance, no next rise. next_rise_on = first
    day of the next level; none at level 3.
 6. current_stage = the open stage pass begun last; ties: the later in the usual order, then the higher pass
    (the earliest due one); empty when none is open (the last finished one).
 7. reminder: stages not finished by as-of of applications not cancelled, energised ones' too (open ones' only).
    remaining_wd = limit_wd − net_wd = W(due_on) + excluded_wd − W(as-of), shown where ≤ 1; due_on is the stage's
    own, not pushed out.
 8. promise: months without a due case have no row (a row with rate null). Every pass of a stage is a case. A
    stage stopped by cancelling counts only if past the limit by then. * So with outage_7wd: cancelling ends the
    wait, and an outage after it is none (outages know no cancelling); third_outage_approved knows no cancelling.
 9. third_outage_approved: cases = outages of outages_this_year ≥ 3, this one counted (those before it; counted
    from the table), in the month of outage_at (ready_at); no answer = not approved.
10. a fault is known once reported, though its outage began earlier. arrival, restore and notice: open past the
    limit = due and not kept, even if restored with no arrival recorded; restore has no case without an arrival.
11. two_calls: due once restored, * in the month of reported_at (restored_at, arrival); kept if both calls by as-of.
12. complaint_handled: only with due_at; without a time of day it means that whole day (its midnight), with one,
    the minute. complaint_same_day: not yet due when received on the as-of day and not forwarded.
13. survey, capacity: a month counts once its first day has come (once over; demands of later months, as future
    demand). change: from the calendar month before, null where that has no figure. Weights of 0: index null.
14. openness: a row where any of answered, completed, accepted is above 0. answered/violations: of the first
    reached calls of connections. Cancelled applications are in none of its figures, accepted included. HHI is
    Σ share² from 0 to 1 (to 10,000). fees = applications with both amounts (a sum); fee_deviations = they differ.
    visited = visits is given; * one_visit = 0 or 1 (exactly 1). online = channel `online`, null where none names its
    channel; * online_share over those with a channel (all accepted). No callbacks file: answered, violations null.
15. capacity: heavy includes over; limited = limit_kva is given, 0 too. Where one of the two tables has no row for
    the month, 0; where the file is missing, null.
16. replan: applications with a re-plan by as-of, cancelled ones too; first_promise_on = applications.promised_on,
    else the first re-plan's; current = the last re-plan's; slip in calendar days; reason = the last re-plan's.
    replan_month: slip_days = sum over re-plans of the days from the promise before it (mean; from the first
    promise); nothing before it: 0; * no reason is null. * Without a replans file replanned_on, where given, is
    one re-plan of an unknown day: from promised_on, its slip null without one, in no month (it is not used).
17. repair: everything in the month of reported_at, callbacks of these faults too (by the month of each event).
    arrival_due includes the missing ones; arrival_missing = due with no arrival recorded by as-of (all without).
    restoration minutes run from the arrival (from the report).
18. request: departments, answered are counts of departments asked (lists); the first answer counts; others'
    answers are ignored. * A department asked has answered on the same day or not; undecided while as-of is the day
    raised and it has not. * answered_same_day: have all (a count)? False once one has not, else undecided while one
    is. open_days = calendar days to settlement or as-of (working days). waiting_for: those asked that have not
    answered, in the order asked; empty once settled.
    request_department: answered_same_day is a count, * same_day_rate is over the decided ones (asked, answered).
    waited_for = open requests that wait for it. mean_wait_days: to the answer, though it be after the settlement.
19. complaint: satisfied counts unless handled_at is after as-of; department and month of received_at.
20. coverage: a customer is a customer_name within a bureau; without a name each application is one (left out).
    with_manager: any of the customer's counted applications has a manager_id, listed in managers or not. Energised
    ones count. customers_served = Σ managers.customers, null where none is given (customers seen in applications).
    customers_per_full_time = large_customers ÷ full_time (customers_served ÷ full_time).
21. manager: open at the end of the month (or as-of); rows where any count is above 0. promise_rate: of those
    completed with promised_on. stage_rate_net = overdue_net ÷ settled (kept share). callback_score = mean
    manager_score of first reached connection calls, by month of callback due (score). * late_reports and
    timed_claims = verdicts, pairs of a claim and a stage pass, in the month in which the pass was settled (claims
    once each, in the month of began_at, or of the due date); timed: late_report, outside_stage, provisional,
    admitted. No delays
    file: both null. No callbacks file: scored, callback_score null.
    * The score as pipelines/scorecard.toml and manager.toml describe it. The mean of all managers is that of all
    their cases (of the managers' rates). Callbacks are shrunk on the scale from 1 to 5. load, and the managers who
    are counted for the bottom: all with a row that month. months_at_bottom runs over the manager's own rows: a month
    without one neither counts nor breaks it (breaks it); a month of fewer than 6 managers has no bottom.
22. supervision: * open applications that are key projects, past the original due date, or with an
    open stage pass that is overdue_net (at level 3), though no working day may have come since, so that it has no
    stage_breached_on. days_to_due = calendar days to effective_due_on. open_claims: begun and not ended, whatever
    cause or ruling (pending only). grid_works_since_on: start of the earliest open grid_works pass.
    blocked_since_on: the earliest start of an open claim, an open request, grid works, * or the restriction of its
    feeder_or_station. * That is of equipment of that name in its bureau whose newest run of consecutive months,
    restricted in each (load_rate ≥ 1 or limit_kva given), reaches the newest month of the whole table up to as-of:
    restricted_since_on is its first month, for blocked_since_on not before acceptance. No delays file: open_claims
    null. No requests file: open_requests null.
23. watchlist, * the forecast as watchlist.toml and src/forecast.rs describe it: like cases are those that were still in
    the newest stage (the one first begun last; a pass done again counts for nothing) as many working days after it
    began; the first of five likenesses with 30 of them. Kaplan–Meier of what was left, cancelled ones censored. An
    application energised and cancelled ended with what came first. Chances in millionths; 0 on and after the due date; none beyond the longest
    watched, unless at most 5 % were left then.
"""

import argparse
import csv
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

from oracle import (
    COUNTING,
    ONE_DAY,
    BareDay,
    Calendar,
    Rules,
    believed_until,
    grouped,
    known_on,
    mean,
    month,
    one_month_later,
    parse,
    passes_known,
    percentile,
    ratio,
    read_all,
    time_applications,
    time_claims,
    time_stage,
    verdict,
)

OPTIONAL_TABLES = {
    "complaints": """complaint_id text, bureau text, department text, received_at time, forwarded_at time?,
        due_at time?, handled_at time?, satisfied bool?""",
    "outages": """outage_id text, application_id text, ready_at time, outage_at time?, affects_others bool,
        outages_this_year integer?, special_approval bool?""",
    "surveys": "period month, bureau text, indicator text, weight number, score number",
    "managers": "manager_id text, name text, bureau text, full_time bool, customers integer?",
    "restrictions": "feeder_or_station text, bureau text, month month, load_rate number, limit_kva number?",
    "demands": "customer text, bureau text, month month, expected_kva number, expected_on date?, source text?",
    "replans": "application_id text, replanned_at time, promised_on date, reason text?",
    "requests": """request_id text, application_id text?, customer text, topic text, departments text,
        raised_at time, answered text?, settled_at time?""",
}
OPTIONAL_TABLES = {table: [c.split() for c in columns.split(",")] for table, columns in OPTIONAL_TABLES.items()}

STAGE_ORDER = """acceptance survey scheme fee design_review grid_works mid_inspection final_inspection contract
    metering energisation archiving""".split()
ROLES = ["manager", "centre_director", "deputy_director", "director"]
REMIND_WD = 1
ARRIVAL_MINUTES = {"urban": 45, "rural": 90}
RESTORE_MINUTES = {"urban": 4 * 60, "rural": 5 * 60}
NOTICE_MINUTES = 5

# The grain, then the columns beyond it.
MARTS = {
    "watchlist": (
        ["application_id"],
        """due_on effective_due_on elapsed_wd excluded_wd remaining_wd owner_level owner_role owner_since_on
        next_rise_on current_stage department manager_id p_on_time forecast_p50_on forecast_p80_on forecast_basis
        forecast_cases""",
    ),
    "reminder": ("application_id stage pass".split(), "department due_on remaining_wd"),
    "promise": ("month promise".split(), "due kept rate undecided"),
    "promise_undecided": ("month promise subject_id".split(), "bureau undecided"),
    "survey": ("month bureau".split(), "index change"),
    "survey_indicator": ("month bureau indicator".split(), "weight score change"),
    "openness": (
        "month bureau".split(),
        """answered violations completed designed designer_top_share designer_hhi built builder_top_share
        builder_hhi supplied supplier_top_share supplier_hhi fees fee_deviations visited one_visit
        one_visit_share accepted online online_share""",
    ),
    "capacity": ("month bureau".split(), "equipment heavy over limited expected_kva"),
    "replan": (["application_id"], "first_promise_on current_promise_on replans slip_days reason"),
    "replan_month": ("month reason".split(), "replans applications slip_days"),
    "repair": (
        "month bureau area".split(),
        """faults arrival_due arrival_kept arrival_rate arrival_undecided arrival_missing arrival_p50_min arrival_p90_min
        restore_due restore_kept restore_rate restore_undecided restore_p50_min restore_p90_min notice_due notice_kept
        notice_rate notice_undecided
        calls_due calls_kept calls_rate callback_due callback_called callback_coverage""",
    ),
    "request": (["request_id"], "departments answered answered_same_day state open_days waiting_for"),
    "request_department": (
        "month department".split(),
        "asked answered answered_same_day same_day_rate waited_for mean_wait_days",
    ),
    "complaint": (
        "month bureau department".split(),
        "received same_day_due same_day handled_due handled_in_time scored satisfied",
    ),
    "coverage": (
        ["bureau"],
        """large_customers with_manager covered_share full_time part_time customers_served
        customers_per_full_time""",
    ),
    "manager": (
        "month manager_id".split(),
        """name open_applications completed promised promise_kept promise_rate settled overdue_net overdue_own overdue_other excused
        stage_rate_net
        scored callback_score timed_claims late_reports load stage_points lost_own lost_other promise_points callback_points
        claims_points score rank sample months_at_bottom review""",
    ),
    "long_open": (
        ["application_id"],
        """standing due_on effective_due_on original_remaining_wd excused_ruled_wd excused_unruled_wd excused_open_wd
        original_owner_role open_claims oldest_open_claim_on""",
    ),
    "claims_to_rule": (
        "application_id stage pass delay_id began_on ended_on".split(),
        "verdict age_wd claimed_wd over_if_admitted_wd over_if_rejected_wd",
    ),
    "supervision": (
        ["application_id"],
        """owner_role days_to_due stage_breached_on open_claims open_requests grid_works_since_on restricted_since_on
        blocked_since_on""",
    ),
}
MARTS = {mart: (grain, columns.split()) for mart, (grain, columns) in MARTS.items()}


# --- reading -----------------------------------------------------------------------------------------------


def parse_month(text):
    """The first day of a month, from `2026-05` or any day in it."""
    return month(date.fromisoformat(text + "-01" if len(text) == 7 else text[:10]))


def read_optional(folder, table):
    """The rows of one file, all taken to be good; None if there is no such file."""
    path = Path(folder) / f"{table}.csv"
    if not path.exists():
        return None
    rows = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        for cells in csv.DictReader(file):
            row = SimpleNamespace()
            for column, kind in OPTIONAL_TABLES[table]:
                text = (cells.get(column) or "").strip()
                kind = kind.removesuffix("?")
                value = None
                if text:
                    value = parse_month(text) if kind == "month" else parse(kind, text)
                setattr(row, column, value)
            rows.append(row)
    return rows


# --- times -------------------------------------------------------------------------------------------------


def known(moment, as_of):
    """The moment; None if it is empty or after the as-of day."""
    return moment if moment is not None and moment.date() <= as_of else None


def midnight_after(day):
    """The end of a day."""
    return datetime.combine(day + ONE_DAY, time())


def minutes(a, b):
    """The minutes from a to b."""
    return (b - a).total_seconds() / 60


def one_month_earlier(day):
    """The same day of the month before, or that month's last day."""
    last_of_month_before = day.replace(day=1) - ONE_DAY
    if day.day > last_of_month_before.day:
        return last_of_month_before
    return last_of_month_before.replace(day=day.day)


def finished_on(stage, application, as_of):
    """The day the stage finished; None while open or if the application was cancelled before."""
    finish = known_on(stage.finished_at, as_of)
    if finish is not None and application.cancelled_on is not None and finish > application.cancelled_on:
        return None
    return finish


# --- one application ---------------------------------------------------------------------------------------


def is_open(application):
    """Neither energised nor cancelled."""
    return application.energised_on is None and application.cancelled_on is None


def excluded_wd(application, stages, claims, rules):
    """The working days of the application's window that admitted claims cover."""
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
    return len(excluded & application.window)


def owner(application, effective_due_on, as_of):
    """(level, since, next rise)."""
    accepted_on = application.accepted_on
    if effective_due_on is None:
        return 0, accepted_on, None
    begins = [
        accepted_on,
        one_month_earlier(effective_due_on),
        effective_due_on - timedelta(days=10),
        effective_due_on + ONE_DAY,
    ]
    level = 0
    for candidate in (1, 2, 3):
        if as_of >= begins[candidate]:
            level = candidate
    next_rise_on = begins[level + 1] if level < 3 else None
    return level, max(accepted_on, begins[level]), next_rise_on


def watch(context):
    """What the watch-list says of each open application."""
    as_of, calendar = context.as_of, context.calendar
    for application in context.applications.values():
        if not is_open(application):
            continue
        stages = context.stages_of[application.application_id]
        claims = context.claims_of[application.application_id]
        excluded = excluded_wd(application, stages, claims, context.rules)
        effective_due_on = application.due_on
        if effective_due_on is not None and excluded > 0:
            effective_due_on = calendar.plus(effective_due_on, excluded)
        remaining_wd = None
        if effective_due_on is not None:
            remaining_wd = calendar.between(as_of, effective_due_on)
        level, since, next_rise_on = owner(application, effective_due_on, as_of)

        current = None
        for stage in stages:
            if stage.begun_on and known_on(stage.finished_at, as_of) is None:
                rank = (stage.started_at, STAGE_ORDER.index(stage.stage), getattr(stage, "pass"))
                if current is None or rank > current[0]:
                    current = (rank, stage)
        yield SimpleNamespace(
            application=application,
            effective_due_on=effective_due_on,
            excluded_wd=excluded,
            remaining_wd=remaining_wd,
            level=level,
            role=ROLES[level],
            since=since,
            next_rise_on=next_rise_on,
            current=current[1] if current else None,
        )


def reached(context, application):
    """(stage, first day) of the stages it has reached, in that order; None for none."""
    first = {}
    for stage in context.stages_of[application.application_id]:
        if stage.begun_on:
            first[stage.stage] = min(first.get(stage.stage, stage.started_at), stage.started_at)
    ordered = sorted((at, STAGE_ORDER.index(stage), stage) for stage, at in first.items())
    return [(None, application.accepted_on)] + [(stage, at.date()) for at, _, stage in ordered]


def journeys(context):
    """Where each application has been, as far as it is known: (application, reached, ended on, energised)."""
    for a in context.applications.values():
        ended_on = min([day for day in (a.energised_on, a.cancelled_on) if day is not None], default=None)
        yield a, reached(context, a), ended_on, ended_on is not None and ended_on == a.energised_on


def high(application):
    """Is it high voltage?"""
    return application.voltage_kv >= 1


FEWEST_ALIKE = 30
ALIKE = {
    "like_supply": lambda a: (a.mode, a.voltage_kv, a.supply == "dual"),
    "like_mode": lambda a: (a.mode, high(a)),
    "like_class": high,
    "like_stage": lambda a: None,
    "like_age": high,
}


def left_to_the_like(context, application, basis):
    """[(working days left, energised)] of the applications that were as far after as long, * read off one by one."""
    as_of, ordinal = context.as_of, context.ordinal
    stage, since = (None, application.accepted_on) if basis == "like_age" else reached(context, application)[-1]
    spent = ordinal(as_of) - ordinal(since)
    found = []
    for other, stages, ended_on, energised in context.journeys:
        if ALIKE[basis](other) != ALIKE[basis](application):
            continue
        names = [name for name, _ in stages]
        if stage not in names:
            continue
        at = names.index(stage)
        until = ended_on or as_of
        left_on = until
        if basis != "like_age" and at + 1 < len(stages):
            left_on = min(until, stages[at + 1][1])
        if ordinal(left_on) - ordinal(stages[at][1]) > spent:
            found.append((ordinal(until) - ordinal(stages[at][1]) - spent, energised))
    return found


def forecast(context, w):
    """(p_on_time, p50, p80, basis, cases) by the survival of what was left, in fractions."""
    past = w.effective_due_on is not None and w.effective_due_on <= context.as_of
    for basis in ALIKE:
        left = left_to_the_like(context, w.application, basis)
        if len(left) >= FEWEST_ALIKE:
            break
    else:
        return 0 if past else None, None, None, "too_few_alike", None

    def survival(days):
        share = Fraction(1)
        for day in sorted({d for d, energised in left if energised and d <= days}):
            at_risk = sum(d >= day for d, _ in left)
            share *= 1 - Fraction(sum(d == day and energised for d, energised in left), at_risk)
        return share

    def first_below(share):
        for day in sorted({d for d, energised in left if energised}):
            if survival(day) <= share:
                return context.calendar.plus(context.as_of, day)
        return None

    longest = max(d for d, _ in left)
    p_on_time = 0 if past else None
    if not past and w.remaining_wd is not None and (w.remaining_wd <= longest or survival(longest) <= Fraction(1, 20)):
        p_on_time = float((1 - survival(w.remaining_wd)) * 1_000_000 + Fraction(1, 2)) // 1 / 1_000_000
    return p_on_time, first_below(Fraction(1, 2)), first_below(Fraction(1, 5)), basis, len(left)


def watchlist(context):
    """The mart `watchlist`."""
    ordinals, day, count = {}, min(a.accepted_on for a in context.applications.values()) - timedelta(days=800), 0
    while day <= context.as_of:
        count += context.calendar.is_working(day)
        ordinals[day] = count
        day += ONE_DAY
    context.ordinal = ordinals.__getitem__
    context.journeys = list(journeys(context))
    for w in context.watched:
        yield (
            w.application.application_id,
            w.application.due_on,
            w.effective_due_on,
            context.calendar.between(w.application.accepted_on, context.as_of),
            w.excluded_wd,
            w.remaining_wd,
            w.level,
            w.role,
            w.since,
            w.next_rise_on,
            w.current.stage if w.current else None,
            w.current.department if w.current else None,
            w.application.manager_id,
            *forecast(context, w),
        )


def restricted_since(context, bureau, name):
    """The first month of the restriction that holds up to the newest list; None if the newest has none."""
    listed = [r for r in context.restrictions or [] if r.month <= context.as_of]
    restricted = set()
    for r in listed:
        if (r.bureau, r.feeder_or_station) == (bureau, name) and (r.load_rate >= 1 or r.limit_kva is not None):
            restricted.add(r.month)
    since = None
    candidate = max((r.month for r in listed), default=None)
    while candidate in restricted:
        since = candidate
        candidate = month(candidate - ONE_DAY)
    return since


def past_original(context, application):
    """Is it past the due date that no claim has pushed out?"""
    due_on = application.due_on
    return due_on is not None and context.calendar.between(context.as_of, due_on) < 0


def counting_days(context, application):
    """Each claim that counts with its days inside the application, and whether it is ruled on and has an end."""
    application_id = application.application_id
    for stage in context.stages_of[application_id]:
        for pair in stage.pairs:
            if pair.claim.stage is not None and pair.verdict in COUNTING:
                yield pair.days & application.window, pair.verdict == "admitted", pair.claim.ended_on is not None
    for claim in context.claims_of[application_id]:
        if claim.stage is None:
            days = claim.days & application.window
            judged = verdict(claim, application.due_on, days, context.rules)
            if judged in COUNTING:
                yield days, judged == "admitted", claim.ended_on is not None


def long_open(context):
    """The mart `long_open`."""
    calendar, as_of = context.calendar, context.as_of
    for w in context.watched:
        application = w.application
        open_claims = [c for c in context.claims_of[application.application_id] if c.ended_on is None]
        oldest = min([c.began_at.date() for c in open_claims], default=None)
        is_old = oldest is not None and calendar.between(oldest, as_of) > context.rules.open_claim_wd
        is_past = past_original(context, application)
        if not (is_past or is_old):
            continue
        ruled, ended, admitted, everything = set(), set(), set(), set()
        for days, is_ruled, has_end in counting_days(context, application):
            everything |= days
            if has_end:
                ended |= days
            if is_ruled:
                admitted |= days
            if is_ruled and has_end:
                ruled |= days
        if not is_past:
            standing = "open_claim"
        elif w.remaining_wd < 0:
            standing = "past_both"
        else:
            without = application.due_on
            if admitted:
                without = calendar.plus(without, len(admitted))
            standing = "by_unruled" if calendar.between(as_of, without) < 0 else "by_ruled"
        yield (
            application.application_id,
            standing,
            application.due_on,
            w.effective_due_on,
            calendar.between(as_of, application.due_on) if application.due_on else None,
            *(None if context.no_delays else len(days) for days in (ruled, ended - ruled, everything - ended)),
            ROLES[owner(application, application.due_on, as_of)[0]],
            None if context.no_delays else len(open_claims),
            oldest,
        )


def over_wd(stage, application, claims, claim, ruling, context):
    """The working days over the limit of a stage pass, were a claim ruled on."""
    held = claim.ruling, claim.days
    claim.ruling = ruling
    if claim.ended_on is None:
        began_on = claim.began_at.date()
        until = believed_until(claim, began_on, context.as_of, context.calendar, context.rules)
        claim.days = context.calendar.days(began_on, until)
    again = SimpleNamespace(**vars(stage))
    again.due_on = stage.given_due_on
    own = context.stages_of[application.application_id]
    time_stage(again, application, claims, context.as_of, context.calendar, context.rules, own)
    claim.ruling, claim.days = held
    return again.over_wd if again.limit_wd is not None else None


def claims_to_rule(context):
    """The mart `claims_to_rule`: a row for each stage pass, and one for the whole application."""
    calendar, as_of = context.calendar, context.as_of
    for application in context.applications.values():
        application_id = application.application_id
        claims = context.claims_of[application_id]
        for claim in claims:
            if claim.ruling != "pending" or claim.cause not in context.rules.excludable_causes:
                continue
            age_wd = calendar.between(claim.reported_on or claim.began_at.date(), as_of)
            key = claim.delay_id, claim.began_at.date(), claim.ended_on
            for stage in context.stages_of[application_id]:
                for pair in stage.pairs:
                    if pair.claim is claim:
                        over = [
                            over_wd(stage, application, claims, claim, ruling, context)
                            for ruling in ("admitted", "rejected")
                        ]
                        judged = pair.verdict, age_wd, len(pair.days), *over
                        yield application_id, stage.stage, getattr(stage, "pass"), *key, *judged
            if claim.stage is None:
                days = claim.days & application.window
                judged = verdict(claim, application.due_on, days, context.rules)
                yield application_id, None, None, *key, judged, age_wd, len(days), None, None


def supervision(context):
    """The mart `supervision`."""
    as_of = context.as_of
    for w in context.watched:
        application_id = w.application.application_id
        overdue = []
        for s in context.stages_of[application_id]:
            if known_on(s.finished_at, as_of) is None and s.overdue_net:
                overdue.append(s)
        if not (w.application.key_project or past_original(context, w.application) or overdue):
            continue
        claims = [
            c.began_at.date()
            for c in context.claims_of[application_id]
            if known_on(c.ended_at, as_of) is None
        ]
        requests = [
            r.raised_at.date()
            for r in context.requests or []
            if r.application_id == application_id and r.settled_on is None
        ]
        grid_works = [
            s.started_at.date()
            for s in context.stages_of[application_id]
            if s.stage == "grid_works" and s.begun_on and known_on(s.finished_at, as_of) is None
        ]
        restricted_since_on = restricted_since(context, w.application.bureau, w.application.feeder_or_station)
        restricted = []
        if restricted_since_on is not None:
            restricted.append(max(restricted_since_on, w.application.accepted_on))
        yield (
            application_id,
            w.role,
            (w.effective_due_on - as_of).days if w.effective_due_on else None,
            min([s.settled_on for s in overdue if s.settled_on], default=None),
            None if context.no_delays else len(claims),
            None if context.requests is None else len(requests),
            min(grid_works, default=None),
            restricted_since_on,
            min(claims + requests + grid_works + restricted, default=None),
        )


def reminder(context):
    """The mart `reminder`."""
    for stage in context.stages:
        application = context.applications[stage.application_id]
        if application.cancelled_on is not None or known_on(stage.finished_at, context.as_of) is not None:
            continue
        if stage.state_unbegun == "passed_over" or stage.due_on is None:
            continue
        if not stage.begun_on and stage.stops_on is not None:
            continue
        remaining_wd = None if stage.limit_wd is None else stage.limit_wd - stage.net_wd
        due_in_wd = context.calendar.between(context.as_of, stage.due_on)
        if due_in_wd <= REMIND_WD or (remaining_wd is not None and remaining_wd <= REMIND_WD):
            yield (
                stage.application_id,
                stage.stage,
                getattr(stage, "pass"),
                stage.department,
                stage.due_on,
                remaining_wd,
            )


# --- promises and repairs: every judgement is True (kept), False (not kept) or None (no case, or not yet due) ----


UNDECIDED = "undecided"


def exact(start, event):
    """Can minutes be counted from the one to the other?"""
    return not isinstance(start, BareDay) and not isinstance(event, BareDay) and event >= start


def within_minutes(start, event, limit, as_of):
    """Did the event come within so many minutes of the start? UNDECIDED where nobody can say."""
    if start is None:
        return None
    if event is not None:
        return minutes(start, event) <= limit if exact(start, event) else UNDECIDED
    latest = midnight_after(start.date()) if isinstance(start, BareDay) else start
    return False if minutes(latest, midnight_after(as_of)) > limit else None


def mark_bare_days(faults):
    """Times of a column that holds nothing but midnights are days."""
    for column in "outage_at reported_at notified_at arrived_at restored_at".split():
        moments = [moment for moment in (getattr(fault, column) for fault in faults) if moment is not None]
        if all(moment.time() == time() for moment in moments):
            for fault in faults:
                if getattr(fault, column) is not None:
                    setattr(fault, column, BareDay.combine(getattr(fault, column).date(), time()))


def arrival_kept(fault, as_of):
    """On site in time?"""
    return within_minutes(fault.reported_at, known(fault.arrived_at, as_of), ARRIVAL_MINUTES[fault.area], as_of)


def restore_kept(fault, as_of):
    """Restored in time after the arrival?"""
    arrived_at = known(fault.arrived_at, as_of)
    return within_minutes(arrived_at, known(fault.restored_at, as_of), RESTORE_MINUTES[fault.area], as_of)


def notice_kept(fault, as_of):
    """Notified in time after the outage?"""
    return within_minutes(known(fault.outage_at, as_of), known(fault.notified_at, as_of), NOTICE_MINUTES, as_of)


def calls_kept(fault, as_of):
    """Both calls made, once restored?"""
    if known(fault.restored_at, as_of) is None:
        return None
    arrival_call = known(fault.arrival_call_at, as_of)
    completion_call = known(fault.completion_call_at, as_of)
    return arrival_call is not None and completion_call is not None


def forwarded_same_day(complaint, as_of):
    """Forwarded on the day it was received?"""
    received_on = complaint.received_at.date()
    forwarded_on = known_on(complaint.forwarded_at, as_of)
    if forwarded_on is not None:
        return forwarded_on == received_on
    return False if as_of > received_on else None


def handled_in_time(complaint, as_of):
    """Handled by its due moment, or on its due day at the latest?"""
    if complaint.due_at is None:
        return None
    handled_at = known(complaint.handled_at, as_of)
    if complaint.due_at.time() == time():
        due_on = complaint.due_at.date()
        if handled_at is not None:
            return handled_at.date() <= due_on
        return False if as_of > due_on else None
    if handled_at is not None:
        return handled_at <= complaint.due_at
    return False if midnight_after(as_of) > complaint.due_at else None


def stage_within(stage, application, limit_wd, as_of):
    """Was the stage's net time within so many working days?"""
    if stage.net_wd > limit_wd:
        return False
    return True if finished_on(stage, application, as_of) is not None else None


def promise_cases(context):
    """(promise, the day of the event that starts it, judgement) of every case."""
    as_of, calendar = context.as_of, context.calendar
    for stage in context.stages:
        if not stage.clock_on:
            continue
        application = context.applications[stage.application_id]
        start = stage.clock_on
        if stage.stage == "scheme" and application.voltage_kv >= 10 and "scheme_one_day" in context.rules.promises:
            yield "scheme_one_day", start, stage_within(stage, application, 1, as_of)
        if stage.stage == "survey" and application.mode == "order":
            yield "survey_5wd", start, stage_within(stage, application, 5, as_of)

    for outage in context.outages or []:
        ready_on = known_on(outage.ready_at, as_of)
        outage_on = known_on(outage.outage_at, as_of)
        if ready_on is None:
            continue
        cancelled_on = context.applications[outage.application_id].cancelled_on
        waited_until = as_of if cancelled_on is None else cancelled_on
        if outage_on is not None and outage_on <= waited_until:
            yield "outage_7wd", ready_on, calendar.between(ready_on, outage_on) <= 7
        elif calendar.between(ready_on, waited_until) > 7:
            yield "outage_7wd", ready_on, False
        if outage_on is not None and outage.outages_this_year is not None and outage.outages_this_year >= 3:
            yield "third_outage_approved", outage_on, outage.special_approval is True

    for fault in context.faults or []:
        yield "arrival", fault.reported_at.date(), arrival_kept(fault, as_of)
        yield "restore", known_on(fault.arrived_at, as_of), restore_kept(fault, as_of)
        yield "outage_notice", known_on(fault.outage_at, as_of), notice_kept(fault, as_of)
        yield "two_calls", fault.reported_at.date(), calls_kept(fault, as_of)

    for complaint in context.complaints or []:
        received_on = complaint.received_at.date()
        yield "complaint_same_day", received_on, forwarded_same_day(complaint, as_of)
        yield "complaint_handled", received_on, handled_in_time(complaint, as_of)


def promise(context):
    """The mart `promise`."""
    cases = [case for case in promise_cases(context) if case[2] is not None]
    for key, rows in grouped(cases, lambda case: (month(case[1]), case[0])):
        judgements = [row[2] for row in rows]
        yield *key, *due_kept_rate(judgements), judgements.count(UNDECIDED)


def promise_undecided(context):
    """The mart `promise_undecided`."""
    for fault in context.faults or []:
        arrived_at, restored_at, outage_at, notified_at = (
            known(moment, context.as_of)
            for moment in (fault.arrived_at, fault.restored_at, fault.outage_at, fault.notified_at)
        )
        for name, start, event in (
            ("arrival", fault.reported_at, arrived_at),
            ("restore", arrived_at, restored_at),
            ("outage_notice", outage_at, notified_at),
        ):
            if start is not None and event is not None and not exact(start, event):
                bare = isinstance(start, BareDay) or isinstance(event, BareDay)
                yield month(start.date()), name, fault.fault_id, fault.bureau, "no_time" if bare else "backwards"


def due_kept_rate(judgements):
    """due, kept, rate."""
    due = [j for j in judgements if j is not None and j is not UNDECIDED]
    return len(due), sum(due), ratio(sum(due), len(due))


def judged(judgements):
    """due, kept, rate, undecided."""
    return *due_kept_rate(judgements), judgements.count(UNDECIDED)


def p50_p90(numbers):
    """The median and the 0.9-quantile; None of nothing."""
    return (percentile(numbers, 0.5), percentile(numbers, 0.9)) if numbers else (None, None)


def repair(context):
    """The mart `repair`."""
    as_of = context.as_of
    for key, faults in grouped(
        context.faults or [], lambda f: (month(f.reported_at.date()), f.bureau, f.area)
    ):
        arrivals = []
        restorations = []
        missing = 0
        callback_due = callback_called = 0
        for fault in faults:
            arrived_at = known(fault.arrived_at, as_of)
            restored_at = known(fault.restored_at, as_of)
            if arrived_at is not None and exact(fault.reported_at, arrived_at):
                arrivals.append(minutes(fault.reported_at, arrived_at))
            if arrived_at is None and (restored_at is not None or arrival_kept(fault, as_of) is False):
                missing += 1
            if arrived_at is not None and restored_at is not None and exact(arrived_at, restored_at):
                restorations.append(minutes(arrived_at, restored_at))
            if restored_at is not None and restored_at.date() + context.rules.fault_days * ONE_DAY <= as_of:
                callback_due += 1
                callback_called += ("fault", fault.fault_id) in context.first_reached
        callbacks = callback_due, callback_called, ratio(callback_called, callback_due)
        if context.callbacks is None:
            callbacks = None, None, None
        yield (
            *key,
            len(faults),
            *judged([arrival_kept(f, as_of) for f in faults]),
            missing,
            *p50_p90(arrivals),
            *judged([restore_kept(f, as_of) for f in faults]),
            *p50_p90(restorations),
            *judged([notice_kept(f, as_of) for f in faults]),
            *due_kept_rate([calls_kept(f, as_of) for f in faults]),
            *callbacks,
        )


def complaint(context):
    """The mart `complaint`."""
    as_of = context.as_of
    for key, rows in grouped(
        context.complaints or [], lambda c: (month(c.received_at.date()), c.bureau, c.department)
    ):
        same_day_due, same_day, _ = due_kept_rate([forwarded_same_day(c, as_of) for c in rows])
        handled_due, handled, _ = due_kept_rate([handled_in_time(c, as_of) for c in rows])
        answers = []
        for c in rows:
            handled_later = c.handled_at is not None and c.handled_at.date() > as_of
            if c.satisfied is not None and not handled_later:
                answers.append(c.satisfied)
        yield *key, len(rows), same_day_due, same_day, handled_due, handled, len(answers), sum(answers)


# --- surveys, openness, capacity ---------------------------------------------------------------------------


def change_from_month_before(figures, key):
    """figures[key] less the same of the calendar month before; the month stands first in the key."""
    month_before = (month(key[0] - ONE_DAY), *key[1:])
    now, before = figures[key], figures.get(month_before)
    return now - before if now is not None and before is not None else None


def survey(context):
    """The mart `survey`."""
    index = {}
    rows = [s for s in context.surveys or [] if s.period <= context.as_of]
    for key, answers in grouped(rows, lambda s: (s.period, s.bureau)):
        index[key] = ratio(sum(s.weight * s.score for s in answers), sum(s.weight for s in answers))
    for key in index:
        yield *key, index[key], change_from_month_before(index, key)


def survey_indicator(context):
    """The mart `survey_indicator`."""
    rows = [s for s in context.surveys or [] if s.period <= context.as_of]
    scores = {(s.period, s.bureau, s.indicator): s.score for s in rows}
    for s in rows:
        key = s.period, s.bureau, s.indicator
        yield *key, s.weight, s.score, change_from_month_before(scores, key)


def concentration(names):
    """How many, the largest share and the sum of squared shares."""
    names = [name for name in names if name is not None]
    if not names:
        return 0, None, None
    shares = [names.count(name) / len(names) for name in set(names)]
    return len(names), max(shares), sum(share * share for share in shares)


def openness(context):
    """The mart `openness`."""
    applications = [a for a in context.applications.values() if a.cancelled_on is None]
    keys = set()
    for a in applications:
        keys.add((month(a.accepted_on), a.bureau))
        if a.energised_on is not None:
            keys.add((month(a.energised_on), a.bureau))
            keys.add((month(one_month_later(a.energised_on)), a.bureau))

    for key in sorted(keys):
        answers = []
        completed = []
        accepted = []
        for a in applications:
            if a.bureau != key[1]:
                continue
            if month(a.accepted_on) == key[0]:
                accepted.append(a)
            if a.energised_on is None:
                continue
            if month(a.energised_on) == key[0]:
                completed.append(a)
            callback_due_on = one_month_later(a.energised_on)
            call = context.first_reached.get(("connection", a.application_id))
            if callback_due_on <= context.as_of and month(callback_due_on) == key[0]:
                if call is not None and call.free_choice is not None:
                    answers.append(call.free_choice)
        if not answers and not completed and not accepted:
            continue

        fees = [a for a in completed if a.fee_charged is not None and a.fee_standard is not None]
        visited = [a for a in completed if a.visits is not None]
        one_visit = sum(a.visits <= 1 for a in visited)
        channels = [a.channel for a in accepted if a.channel is not None]
        yield (
            *key,
            None if context.callbacks is None else len(answers),
            None if context.callbacks is None else answers.count(False),
            len(completed),
            *concentration([a.designer for a in completed]),
            *concentration([a.builder for a in completed]),
            *concentration([a.supplier for a in completed]),
            len(fees),
            sum(a.fee_charged != a.fee_standard for a in fees),
            len(visited),
            one_visit,
            ratio(one_visit, len(visited)),
            len(accepted),
            channels.count("online") if channels else None,
            ratio(channels.count("online"), len(channels)),
        )


def capacity(context):
    """The mart `capacity`."""
    restrictions = [r for r in context.restrictions or [] if r.month <= context.as_of]
    demands = [d for d in context.demands or [] if d.month <= context.as_of]
    for key in sorted({(row.month, row.bureau) for row in restrictions + demands}):
        equipment = [r for r in restrictions if (r.month, r.bureau) == key]
        expected = [d.expected_kva for d in demands if (d.month, d.bureau) == key]
        counts = (
            len(equipment),
            sum(r.load_rate >= 0.8 for r in equipment),
            sum(r.load_rate >= 1.0 for r in equipment),
            sum(r.limit_kva is not None for r in equipment),
        )
        if context.restrictions is None:
            counts = None, None, None, None
        yield *key, *counts, None if context.demands is None else sum(expected)


# --- re-plans and requests ---------------------------------------------------------------------------------


def replan_chains(context):
    """(application, promise before each re-plan, re-plan) in order of time, one list for each application."""
    rows = []
    for r in context.replans or []:
        if r.application_id in context.applications and known(r.replanned_at, context.as_of) is not None:
            rows.append(r)
    for application_id, replans in grouped(rows, lambda r: r.application_id):
        replans.sort(key=lambda r: r.replanned_at)
        first = context.applications[application_id].promised_on or replans[0].promised_on
        chain = []
        before = first
        for r in replans:
            chain.append((r, before))
            before = r.promised_on
        yield application_id, first, chain


def replan(context):
    """The mart `replan`."""
    if context.replans is None:
        for a in context.applications.values():
            if a.replanned_on is not None:
                slip_days = (a.replanned_on - a.promised_on).days if a.promised_on is not None else None
                yield a.application_id, a.promised_on, a.replanned_on, 1, slip_days, None
    for application_id, first, chain in replan_chains(context):
        last = chain[-1][0]
        slip_days = (last.promised_on - first).days
        yield application_id, first, last.promised_on, len(chain), slip_days, last.reason


def replan_month(context):
    """The mart `replan_month`."""
    steps = [step for _, _, chain in replan_chains(context) for step in chain]
    for key, rows in grouped(steps, lambda step: (month(step[0].replanned_at.date()), step[0].reason or "")):
        applications = {r.application_id for r, _ in rows}
        yield *key, len(rows), len(applications), sum((r.promised_on - before).days for r, before in rows)


def read_requests(rows, as_of):
    """The requests raised by as-of, with those asked, and the day of each one's first answer."""
    if rows is None:
        return None
    requests = []
    for r in rows:
        if known(r.raised_at, as_of) is None:
            continue
        r.asked = []
        for department in r.departments.split(";"):
            if department.strip() and department.strip() not in r.asked:
                r.asked.append(department.strip())
        r.answered_on = {}
        for pair in (r.answered or "").split(";"):
            if not pair.strip():
                continue
            department, at = pair.strip().split("@")
            answered_on = known_on(datetime.fromisoformat(at), as_of)
            if answered_on is not None and department in r.asked:
                if department not in r.answered_on or answered_on < r.answered_on[department]:
                    r.answered_on[department] = answered_on
        r.raised_on = r.raised_at.date()
        r.same_day = {}
        for department in r.asked:
            r.same_day[department] = None
            if department in r.answered_on:
                r.same_day[department] = r.answered_on[department] == r.raised_on
            elif as_of > r.raised_on:
                r.same_day[department] = False
        r.settled_on = known_on(r.settled_at, as_of)
        r.waiting_for = []
        if r.settled_on is None:
            r.waiting_for = [d for d in r.asked if d not in r.answered_on]
        requests.append(r)
    return requests


def all_of(judgements):
    """False once one is False; else None (undecided) while one is None; else True."""
    judgements = list(judgements)
    if False in judgements:
        return False
    return None if None in judgements else True


def request(context):
    """The mart `request`."""
    for r in context.requests or []:
        yield (
            r.request_id,
            len(r.asked),
            len(r.answered_on),
            all_of(r.same_day.values()),
            "settled" if r.settled_on else "open",
            ((r.settled_on or context.as_of) - r.raised_on).days,
            "、".join(r.waiting_for),
        )


def request_department(context):
    """The mart `request_department`."""
    asked = [(r, department) for r in context.requests or [] for department in r.asked]
    for key, rows in grouped(asked, lambda row: (month(row[0].raised_on), row[1])):
        answered = sum(department in r.answered_on for r, department in rows)
        _, same_day, rate = due_kept_rate([r.same_day[department] for r, department in rows])
        waited_for = sum(department in r.waiting_for for r, department in rows)
        waits = []
        for r, department in rows:
            until = r.answered_on.get(department) or r.settled_on or context.as_of
            waits.append((until - r.raised_on).days)
        yield *key, len(rows), answered, same_day, rate, waited_for, mean(waits)


# --- managers ----------------------------------------------------------------------------------------------


def coverage(context):
    """The mart `coverage`."""
    large = [a for a in context.applications.values() if a.cancelled_on is None and a.voltage_kv >= 10]
    for bureau in sorted({a.bureau for a in large} | {m.bureau for m in context.managers or []}):
        customers = {}
        for a in large:
            if a.bureau == bureau:
                customer = ("name", a.customer_name) if a.customer_name else ("application", a.application_id)
                customers[customer] = customers.get(customer, False) or a.manager_id is not None
        covered = sum(customers.values())
        figures = None, None, None, None
        if context.managers is not None:
            own = [m for m in context.managers if m.bureau == bureau]
            full_time = sum(m.full_time for m in own)
            served = [m.customers for m in own if m.customers is not None]
            figures = (
                full_time,
                len(own) - full_time,
                sum(served) if served else None,
                ratio(sum(served), full_time) if served else None,
            )
        yield bureau, len(customers), covered, ratio(covered, len(customers)), *figures


def months_up_to(first, as_of):
    """The first days of the months from the first to that of as-of."""
    while first <= as_of:
        yield first
        first = month(first + timedelta(days=31))


MANAGERS_DEPARTMENTS = "营销部", "客户服务中心"
WEIGHTS = {"stage": 40, "promise": 20, "callback": 25, "claims": 15}
SHRINK = 10
SMALL_SAMPLE = 10
BOTTOM = 3
FEWEST_RANKED = 6
BOTTOM_MONTHS = 3
TIMED_VERDICTS = "late_report", "outside_stage", "provisional", "admitted"


def manager_month(context, first, manager_id, applications):
    """What one manager did in one month: the cases behind each figure."""
    end = min(month(first + timedelta(days=31)) - ONE_DAY, context.as_of)
    row = SimpleNamespace(month=first, manager_id=manager_id, open_applications=0)
    row.completed = []
    row.settled = []
    row.scores = []
    for a in applications:
        ends = [day for day in (a.energised_on, a.cancelled_on) if day is not None]
        if a.accepted_on <= end and all(day > end for day in ends):
            row.open_applications += 1
        stages = context.stages_of[a.application_id]
        row.settled += [s for s in stages if s.settled_on and month(s.settled_on) == first]
        if a.energised_on is None or a.cancelled_on is not None:
            continue
        if month(a.energised_on) == first:
            row.completed.append(a)
        callback_due_on = one_month_later(a.energised_on)
        call = context.first_reached.get(("connection", a.application_id))
        if callback_due_on <= context.as_of and month(callback_due_on) == first and call is not None:
            if call.manager_score is not None:
                row.scores.append(call.manager_score)
    row.promised = [a for a in row.completed if a.promised_on is not None]
    row.kept = [a for a in row.promised if a.energised_on <= a.promised_on]
    row.overdue_net = [s for s in row.settled if s.overdue_net]
    verdicts = [pair.verdict for s in row.settled for pair in s.pairs]
    row.timed_claims = sum(v in TIMED_VERDICTS for v in verdicts)
    row.late_reports = verdicts.count("late_report")
    return row


def score_parts(row):
    """(own sum, own cases) of each part of the score."""
    return {
        "stage": (len(row.settled) - len(row.overdue_net), len(row.settled)),
        "promise": (len(row.kept), len(row.promised)),
        "callback": (sum(row.scores), len(row.scores)),
        "claims": (row.timed_claims - row.late_reports, row.timed_claims),
    }


def score_month(rows):
    """Fills in load, points, score and rank of all managers of one month; fractions, so that ties are ties."""
    all_open = sum(row.open_applications for row in rows)
    mean_of_all = {}
    for part in WEIGHTS:
        total = sum(score_parts(row)[part][0] for row in rows)
        cases = sum(score_parts(row)[part][1] for row in rows)
        if cases > 0:
            mean_of_all[part] = Fraction(total, cases)
    weights_present = sum(WEIGHTS[part] for part in mean_of_all)
    for row in rows:
        row.load = ratio(row.open_applications * len(rows), all_open)
        row.points = dict.fromkeys(WEIGHTS)
        for part, all_managers in mean_of_all.items():
            total, cases = score_parts(row)[part]
            shrunk = (total + SHRINK * all_managers) / (cases + SHRINK)
            if part == "callback":
                shrunk = (shrunk - 1) / 4
            row.points[part] = 100 * WEIGHTS[part] * shrunk / weights_present
        row.point_per_stage = None
        if weights_present:
            row.point_per_stage = Fraction(100 * WEIGHTS["stage"], (len(row.settled) + SHRINK) * weights_present)
        row.score = sum(row.points[part] for part in mean_of_all) if mean_of_all else None
    for row in rows:
        row.rank = None
        if row.score is not None:
            row.rank = 1 + sum(other.score > row.score for other in rows)
        row.at_bottom = row.rank is not None and len(rows) >= FEWEST_RANKED and row.rank > len(rows) - BOTTOM


def manager(context):
    """The mart `manager`."""
    managed = [a for a in context.applications.values() if a.manager_id is not None]
    names = {m.manager_id: m.name for m in context.managers or []}
    rows = []
    for manager_id, applications in grouped(managed, lambda a: a.manager_id):
        began_on = [a.accepted_on for a in applications]
        for a in applications:
            began_on += [s.begun_on for s in context.stages_of[a.application_id] if s.begun_on]
        for first in months_up_to(month(min(began_on)), context.as_of):
            row = manager_month(context, first, manager_id, applications)
            if row.open_applications or row.completed or row.settled or row.scores:
                rows.append(row)
    for _, rows_of_month in grouped(rows, lambda row: row.month):
        score_month(rows_of_month)

    months_at_bottom = {}
    for row in sorted(rows, key=lambda row: row.month):
        so_far = months_at_bottom.get(row.manager_id, 0)
        months_at_bottom[row.manager_id] = so_far + 1 if row.at_bottom else 0
        claims = row.timed_claims, row.late_reports
        callbacks = len(row.scores), mean(row.scores)
        points = [float(p) if p is not None else None for p in row.points.values()]
        own = [s for s in row.overdue_net if s.department in MANAGERS_DEPARTMENTS]
        lost = [row.point_per_stage and float(row.point_per_stage * n) for n in (len(own), len(row.overdue_net) - len(own))]
        points[1:1] = lost
        yield (
            row.month,
            row.manager_id,
            names.get(row.manager_id),
            row.open_applications,
            len(row.completed),
            len(row.promised),
            len(row.kept),
            ratio(len(row.kept), len(row.promised)),
            len(row.settled),
            len(row.overdue_net),
            len(own),
            len(row.overdue_net) - len(own),
            sum(s.overdue_gross and not s.overdue_net for s in row.settled),
            ratio(len(row.overdue_net), len(row.settled)),
            *(callbacks if context.callbacks is not None else (None, None)),
            *(claims if not context.no_delays else (None, None)),
            row.load,
            *points,
            float(row.score) if row.score is not None else None,
            row.rank,
            "small_sample" if len(row.settled) < SMALL_SAMPLE else "enough",
            months_at_bottom[row.manager_id],
            "review" if months_at_bottom[row.manager_id] >= BOTTOM_MONTHS else "none",
        )


# --- all of it ---------------------------------------------------------------------------------------------


def first_reached_calls(callbacks, as_of):
    """The first reached call by (kind, subject); among calls of the same moment, the first in the file."""
    first = {}
    for c in callbacks or []:
        if c.outcome == "reached" and known(c.called_at, as_of) is not None:
            best = first.get((c.kind, c.subject_id))
            if best is None or c.called_at < best.called_at:
                first[c.kind, c.subject_id] = c
    return first


def read_context(folder, as_of, calendar, rules):
    """Everything known by as-of, timed."""
    data = read_all(folder)
    context = SimpleNamespace(as_of=as_of, calendar=calendar, rules=rules)
    context.applications = {a.application_id: a for a in time_applications(data.applications, as_of, calendar)}
    context.no_delays = data.delays is None
    context.claims_of = {application_id: [] for application_id in context.applications}
    for claim in time_claims(data.delays, as_of, calendar, rules):
        if claim.application_id in context.applications:
            context.claims_of[claim.application_id].append(claim)

    context.stages_of = {application_id: [] for application_id in context.applications}
    for stage in passes_known(data.stages, as_of):
        if stage.application_id in context.applications:
            context.stages_of[stage.application_id].append(stage)
    context.stages = [stage for stages in context.stages_of.values() for stage in stages]
    for stage in context.stages:
        application = context.applications[stage.application_id]
        own = context.stages_of[stage.application_id]
        time_stage(stage, application, context.claims_of[stage.application_id], as_of, calendar, rules, own)

    context.callbacks = data.callbacks
    context.first_reached = first_reached_calls(data.callbacks, as_of)
    mark_bare_days(data.faults or [])
    context.faults = data.faults and [f for f in data.faults if known(f.reported_at, as_of) is not None]
    optional = {table: read_optional(folder, table) for table in OPTIONAL_TABLES}
    received = lambda c: known(c.received_at, as_of) is not None
    context.complaints = optional["complaints"] and list(filter(received, optional["complaints"]))
    context.outages = [o for o in optional["outages"] or [] if o.application_id in context.applications]
    context.surveys = optional["surveys"]
    context.managers = optional["managers"]
    context.restrictions = optional["restrictions"]
    context.demands = optional["demands"]
    context.replans = optional["replans"]
    context.requests = read_requests(optional["requests"], as_of)
    context.watched = list(watch(context))
    return context


def compute(folder, as_of, calendar, rules=Rules()):
    """Every mart as a list of rows, by name."""
    context = read_context(folder, as_of, calendar, rules)
    marts = [
        watchlist, reminder, promise, survey, survey_indicator, openness, capacity, replan, replan_month, repair,
        request, request_department, complaint, coverage, manager, long_open, claims_to_rule, supervision,
    ]  # fmt: skip
    return {mart.__name__: list(mart(context)) for mart in marts}


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
            for row in rows:
                assert len(row) == len(grain + columns), name
                writer.writerow(row)


if __name__ == "__main__":
    main()
