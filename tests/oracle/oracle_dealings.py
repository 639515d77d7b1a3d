"""Recomputes what DOMAIN.md says of the round of the 考核表 and of callbacks that leave something to do; see oracle.py.

    python oracle_dealings.py DATA_DIR AS_OF OUT_DIR [--answer]

With --answer it first writes DATA_DIR/verifications.csv: conclusions about most of the overdue stages, one of them
twice, some about stages that were never overdue.

Readings taken: a conclusion counts in its month whenever it was reached; reduced to more than is proposed is the
proposal; reduced without points and two conclusions about one stage decide nothing.
"""

import argparse
import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

from oracle import ONE_DAY, Calendar, Rules, known_on, mean, month, one_month_later, percentile, ratio, wilson
from oracle_service import read_context

MARTS = {
    "points": (["month", "department"], "overdue verified verification_rate upheld reduced withdrawn proposed_points verified_points".split()),
    "points_handler": (
        ["month", "department", "handler"],
        "overdue verified verification_rate upheld reduced withdrawn proposed_points verified_points".split(),
    ),
    "points_bureau": (
        ["month", "bureau"],
        "overdue verified verification_rate upheld reduced withdrawn proposed_points verified_points".split(),
    ),
    "not_called": (["kind", "subject_id"], ["bureau", "manager_id", "completed_on", "due_on", "late_days"]),
    "callback_issue": (["month", "category", "department"], ["issues", "verified", "settled", "p50_settled_days", "open_now"]),
    "satisfaction": (
        ["month", "mode", "voltage_class", "customer_class"],
        ["scored", "satisfied", "satisfaction_rate", "mean_score"],
    ),
    "mode_satisfaction": (["mode"], "scored satisfied satisfaction_rate wilson_low wilson_high mean_score".split()),
}

CONCLUSIONS = ["upheld", "withdrawn", "reduced"]


def rows_of(folder, table):
    """The rows of one file as they are written; none without it."""
    path = Path(folder) / f"{table}.csv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def gathered(rows, grain):
    """Rows by what they share, some of which may be blank."""
    groups = {}
    for row in rows:
        groups.setdefault(grain(row), []).append(row)
    return groups.items()


def proposed(over_wd):
    """scorecard.toml: 1 point for the stage and 0.2 for each working day over, at most 5."""
    return min(Fraction(5), 1 + Fraction(over_wd, 5))


def overdue(context):
    """The overdue stages, in the order of the data."""
    return [stage for stage in context.stages if stage.overdue_net]


def key_of(stage):
    """What a conclusion names."""
    return stage.application_id, stage.stage, getattr(stage, "pass"), month(stage.settled_on)


def answers(context):
    """Conclusions about four of five overdue stages, in turn; one twice, every eleventh without points."""
    for number, stage in enumerate(overdue(context)):
        if number % 5 == 4:
            continue
        application_id, code, which, period = key_of(stage)
        result = CONCLUSIONS[number % 3]
        points = "" if result != "reduced" or number % 11 == 0 else number % 7 * 0.25
        row = [application_id, code, which, period.strftime("%Y-%m"), result, points, "王", "2026-07-06", ""]
        yield row
        if number == 30:
            yield row[:4] + [CONCLUSIONS[(number + 1) % 3], 0.1] + row[6:]
    for stage in context.stages[:20]:
        if stage.settled_on and not stage.overdue_net:
            application_id, code, which, period = key_of(stage)
            yield [application_id, code, which, period.strftime("%Y-%m"), "withdrawn", "", "王", "2026-07-06", ""]


def concluded(folder):
    """(result, points) by what it is about, of those about which there is one conclusion; None without the table."""
    path = Path(folder) / "verifications.csv"
    if not path.exists():
        return None
    found = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            period = date.fromisoformat(row["period"][:7] + "-01")
            key = (row["application_id"], row["stage"], int(row["pass"] or 1), period)
            found.setdefault(key, []).append((row["result"], row["points"]))
    return {key: rows[0] for key, rows in found.items() if len(rows) == 1}


def points_of(stage, conclusions):
    """What was proposed, what counts, and the conclusion that does."""
    proposal = proposed(stage.over_wd)
    result, points = conclusions.get(key_of(stage), (None, ""))
    if result == "withdrawn":
        return proposal, Fraction(0), result
    if result == "reduced":
        return (proposal, min(proposal, Fraction(points)), result) if points else (proposal, proposal, None)
    return proposal, proposal, result


def added_up(context, conclusions, grain):
    """The marts of points."""
    rows = [(stage, *points_of(stage, conclusions or {})) for stage in overdue(context)]
    for key, own in gathered(rows, lambda row: grain(row[0])):
        results = [result for *_, result in own]
        verified = sum(result is not None for result in results)
        counts = (verified, ratio(verified, len(own)), *(results.count(of) for of in ["upheld", "reduced", "withdrawn"]))
        yield (
            *key,
            len(own),
            *(counts if conclusions is not None else [None] * len(counts)),
            float(sum(row[1] for row in own)),
            float(sum(row[2] for row in own)),
        )


def due_calls(context):
    """(kind, subject, bureau, manager, completed, due, first reached call) of every callback due by as-of."""
    for application in context.applications.values():
        if application.energised_on and not application.cancelled_on:
            yield "connection", application, application.energised_on, one_month_later(application.energised_on)
    for fault in context.faults or []:
        restored_on = known_on(fault.restored_at, context.as_of)
        if restored_on:
            yield "fault", fault, restored_on, restored_on + context.rules.fault_days * ONE_DAY


def subject_of(kind, case):
    """The identifier of a case."""
    return case.application_id if kind == "connection" else case.fault_id


def voltage_class(kv):
    """The class of a voltage."""
    return "below_1_kv" if kv < 1 else "1_35_kv" if kv < 35 else "35_110_kv" if kv < 110 else "from_110_kv"


def callbacks(context):
    """not_called, callback_issue, satisfaction, mode_satisfaction."""
    marts = {"not_called": [], "callback_issue": [], "satisfaction": [], "mode_satisfaction": []}
    if context.callbacks is None:
        return marts
    issues, scores = [], []
    settled = {row["callback_id"]: row.get("issue_settled_at") for row in rows_of(context.folder, "callbacks")}
    classes = {row["application_id"]: row.get("customer_class") for row in rows_of(context.folder, "applications")}
    for kind, case, completed_on, due_on in due_calls(context):
        if due_on > context.as_of:
            continue
        subject_id = subject_of(kind, case)
        call = context.first_reached.get((kind, subject_id))
        if call is None:
            manager_id = getattr(case, "manager_id", None)
            late = (context.as_of - due_on).days
            marts["not_called"].append((kind, subject_id, case.bureau, manager_id, completed_on, due_on, late))
            continue
        if call.issue_category is not None:
            text = settled.get(call.callback_id)
            on = date.fromisoformat(text[:10]) if text else None
            days = (on - call.called_at.date()).days if on and on <= context.as_of else None
            is_untrue = call.issue_verified is False
            is_open = days is None and not is_untrue
            # CHOICE: what proved untrue needs no settling, and none of it counts as settled.
            days = None if is_untrue else days
            key = (month(due_on), call.issue_category, call.issue_department)
            issues.append((*key, call.issue_verified, days, is_open))
        if kind == "connection" and call.score is not None:
            scores.append((month(due_on), case.mode, voltage_class(case.voltage_kv), classes[subject_id] or None, call.score))
    for key, own in gathered(issues, lambda row: row[:3]):
        days = [row[4] for row in own if row[4] is not None]
        verified, is_open = sum(row[3] is True for row in own), sum(row[5] for row in own)
        p50 = percentile(days, 0.5) if days else None
        marts["callback_issue"].append((*key, len(own), verified, len(days), p50, is_open))
    for key, own in gathered(scores, lambda row: row[:4]):
        satisfied = sum(row[4] >= 4 for row in own)
        marts["satisfaction"].append((*key, len(own), satisfied, ratio(satisfied, len(own)), mean([r[4] for r in own])))
    for (mode,), own in gathered(scores, lambda row: (row[1],)):
        satisfied = sum(row[4] >= 4 for row in own)
        # CHOICE: below ten scores no interval, as its coverage was not checked there.
        ends = wilson(satisfied, len(own)) if len(own) >= 10 else (None, None)
        figures = len(own), satisfied, ratio(satisfied, len(own)), *ends, mean([row[4] for row in own])
        marts["mode_satisfaction"].append((mode, *figures))
    return marts


def main():
    """Reads the arguments, writes one CSV for each mart."""
    project = Path(__file__).resolve().parents[2]
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data_dir", type=Path)
    arguments.add_argument("as_of", type=date.fromisoformat)
    arguments.add_argument("out_dir", type=Path)
    arguments.add_argument("--answer", action="store_true", help="write verifications first")
    given = arguments.parse_args()
    calendar = Calendar(project / "pipelines" / "calendars" / "cn.toml")
    context = read_context(given.data_dir, given.as_of, calendar, Rules())
    if given.answer:
        header = "application_id stage pass period result points verified_by verified_at note".split()
        with open(given.data_dir / "verifications.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *answers(context)])
    context.folder = given.data_dir
    conclusions = concluded(given.data_dir)
    of_department = lambda stage: (month(stage.settled_on), stage.department)
    of_bureau = lambda stage: (month(stage.settled_on), context.applications[stage.application_id].bureau)
    of_handler = lambda stage: (*of_department(stage), stage.handler)
    marts = {
        "points": list(added_up(context, conclusions, of_department)),
        "points_bureau": list(added_up(context, conclusions, of_bureau)),
        "points_handler": list(added_up(context, conclusions, of_handler)),
        **callbacks(context),
    }
    given.out_dir.mkdir(parents=True, exist_ok=True)
    for name, rows in marts.items():
        grain, columns = MARTS[name]
        with open(given.out_dir / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(grain + columns)
            for row in rows:
                assert len(row) == len(grain + columns), (name, row)
                writer.writerow(row)


if __name__ == "__main__":
    main()
