"""Writes canonical CSVs full of awkward cases, always the same for a seed.

    python awkward.py DIR --seed S --applications N [--on-the-day]

Dates run from December 2024 into 2027, so that as-of days such as 2026-06-30 and 2026-12-31 cut through
open work. At most 2.5 % of a table's rows are bad or repeated; those are extra rows with keys of their own.
"""

import argparse
import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

from oracle import TABLES

BUREAUS = ["城东供电所", "城西供电所", "锡山分局", "江阴分局"]
DEPARTMENTS = "客户服务中心 营销部 发展策划部 生产技术部 电力调度中心 基建部 输电工区 配电工区 需求侧管理中心".split()
STAGES = """acceptance survey scheme fee design_review grid_works mid_inspection final_inspection contract
    metering energisation archiving""".split()
CAUSES = ["customer"] * 10 + ["government", "weather", "grid", "internal"]
RULINGS = ["admitted", "admitted", "rejected", "pending", ""]
# Holidays, weekends, make-up working days, and years that no calendar knows.
ODD_DUE_DATES = """2025-01-26 2025-02-01 2025-10-01 2025-10-05 2025-10-11 2026-01-01 2026-02-14 2026-02-17
    2026-05-02 2026-06-28 2026-10-04 2026-12-31 2027-01-01 2027-02-10 2027-10-01 2028-05-01""".split()
MONTH_ENDS = """2025-01-29 2025-01-30 2025-01-31 2025-03-31 2025-08-31 2025-12-31 2026-01-28 2026-01-29
    2026-01-30 2026-01-31 2026-05-30 2026-05-31 2026-11-30""".split()
OFTEN_ABSENT = {
    "applications": "customer_name area channel supply new_feeder key_project mode promised_on visits".split(),
    "stages": "pass handler due_on".split(),
    "delays": "delay_id stage ended_at ruling reason".split(),
    "callbacks": "callback_id manager_score free_choice issue_category issue_verified".split(),
    "faults": "outage_at notified_at arrived_at completion_call_at".split(),
}
# Of these a data set lacks the values and not the column: without it the figures that need it are no data.
NO_DATA = set(
    """channel key_project visits manager_score free_choice issue_category issue_verified outage_at notified_at arrived_at
    completion_call_at forwarded_at due_at handled_at satisfied outages_this_year special_approval customers limit_kva
    answered settled_at""".split()
)


class Awkward:
    """Makes the rows; a moment stays a datetime until it is written."""

    def __init__(self, seed):
        """Starts the tables empty."""
        self.random = random.Random(seed)
        self.tables = {table: [] for table in TABLES}

    # --- small choices

    def chance(self, p):
        """True with probability p."""
        return self.random.random() < p

    def maybe(self, p, value):
        """The value with probability p, else empty."""
        return value if self.chance(p) else ""

    def pick(self, *values):
        """One of the values."""
        return self.random.choice(values)

    def later(self, moment, low, high):
        """A moment some days later (or earlier, where low is negative), at another time of day."""
        days = self.random.randint(low, high)
        return self.at_some_time(moment + timedelta(days=days))

    def at_some_time(self, moment):
        """The same day at midnight or in office hours."""
        midnight = moment.replace(hour=0, minute=0, second=0)
        return midnight + timedelta(minutes=self.pick(0, self.random.randint(8 * 60, 18 * 60)))

    def yes_no(self):
        """A yes or no in one of its spellings, or nothing."""
        return self.pick("true", "false", "1", "0", "Y", "N", "是", "否", "", "")

    def some_time(self):
        """Any moment from December 2024 to December 2026."""
        return self.later(datetime(2024, 12, 1), 0, 760)

    # --- good rows

    def application(self, number):
        """One application with its stages, claims and callbacks."""
        application_id = f"A{number:06}"
        accepted_at = self.some_time()
        voltage_kv = self.pick("0.4", "0.4", "10", "10", "10", "10.0", "20", "35", "110")
        latest = self.stages(application_id, accepted_at)

        energised_at = self.maybe(0.65, max(latest, self.later(latest, 0, 20)))
        if energised_at and self.chance(0.15):
            month_end = datetime.fromisoformat(self.pick(*MONTH_ENDS))
            energised_at = max(accepted_at, self.at_some_time(month_end))
        if energised_at and self.chance(0.03):
            energised_at = accepted_at
        cancelled_at = ""
        if self.chance(0.03 if energised_at else 0.3):
            since = self.pick(accepted_at, latest, *[stage["started_at"] for stage in self.own_stages])
            cancelled_at = max(accepted_at, self.later(since, 0, 30))
        promised_on = ""
        if self.chance(0.6):
            promised_on = self.later(energised_at or latest, -15, 15)
            promised_on = self.pick(promised_on, energised_at or promised_on, datetime(2027, 3, 1))

        self.add(
            "applications",
            application_id=application_id,
            customer_name=self.pick("", "无锡某厂", "A, B & C", '"甲" 公司', "two\nlines"),
            bureau=self.pick(*BUREAUS),
            area=self.pick("urban", "rural", ""),
            channel=self.pick("online", "hall", ""),
            voltage_kv=voltage_kv,
            capacity_kva=self.pick("8", "315", "1000", "3999", "3999.5", "4000", "4000.0", "4001", "48000"),
            supply=self.pick("single", "dual", "dual", ""),
            new_feeder=self.yes_no(),
            key_project=self.pick(self.yes_no(), "", ""),
            mode=self.pick("order", "conventional", "", ""),
            manager_id=self.pick("M1", "M2", ""),
            accepted_at=accepted_at,
            desired_on=self.maybe(0.3, self.later(accepted_at, 20, 120)),
            promised_on=promised_on,
            replanned_on=self.maybe(0.1, self.later(accepted_at, 20, 200)),
            energised_at=energised_at,
            cancelled_at=cancelled_at,
            visits=self.pick("", "1", "3"),
            fee_charged=self.pick("", "1200.50"),
        )
        self.claims(application_id, accepted_at, latest)
        for _ in range(self.pick(0, 1, 1, 2, 3) if energised_at else self.pick(0, 0, 0, 1)):
            self.callback("connection", application_id, energised_at or accepted_at, 24, 34)

    def stages(self, application_id, accepted_at):
        """The stages of one application; returns the latest moment among them."""
        latest = accepted_at
        self.own_stages = []
        left_out = self.pick(0.1, 0.3, 0.5, 0.9)
        for stage in STAGES:
            if self.chance(left_out):
                if self.chance(0.3):
                    self.plan(application_id, stage, latest)
                continue
            started_at = max(accepted_at, self.later(latest, self.pick(0, 0, -6), 4))
            if self.chance(0.03):
                started_at = self.later(accepted_at, -5, -1)
            for number in range(1, self.pick(1, 1, 1, 1, 1, 2, 3) + 1):
                department = self.pick(*DEPARTMENTS)
                longest = {"基建部": 90, "营销部": 4}.get(department, self.pick(0, 2, 6, 12, 30, 70))
                finished_at = max(started_at, self.later(started_at, 0, longest))
                due_on = ""
                if self.chance(0.5):
                    due_on = self.later(started_at, self.pick(-12, 0, 0, 0, 0, 0), self.pick(0, 5, 10, 30))
                    if self.chance(0.1):
                        due_on = datetime.fromisoformat(self.pick(*ODD_DUE_DATES))
                row = self.add(
                    "stages",
                    application_id=application_id,
                    stage=stage,
                    **{"pass": str(number) if number > 1 else self.pick("", "1")},
                    department=department,
                    handler=self.pick("", "张三"),
                    started_at=started_at,
                    finished_at=self.maybe(0.92, finished_at),
                    due_on=due_on,
                    planned_start_on=self.maybe(0.4, self.later(due_on, -9, 1)) if due_on else "",
                )
                self.own_stages.append(row)
                latest = max(latest, finished_at)
                started_at = self.later(finished_at, 0, 5)
        return latest

    def plan(self, application_id, stage, latest):
        """A stage that is due around the stages before it and never begins."""
        due_on = self.later(latest, self.pick(-20, 0, 0), self.pick(5, 20, 60))
        row = self.add(
            "stages",
            application_id=application_id,
            stage=stage,
            **{"pass": self.pick("", "1")},
            department=self.pick(*DEPARTMENTS),
            due_on=due_on,
            planned_start_on=self.maybe(0.4, self.later(due_on, -9, 1)),
        )
        if self.chance(0.3):
            self.own_stages.append(row | {"started_at": latest})

    def claims(self, application_id, accepted_at, latest):
        """Claims inside, around, before, after and beside one stage, or about the whole application."""
        disputed = self.pick(*self.own_stages, {})
        for _ in range(self.pick(0, 0, 1, 2, 4, 8)):
            stage = disputed if self.chance(0.6) else self.pick(*self.own_stages, {})
            start = stage.get("started_at", accepted_at)
            end = stage.get("finished_at") or latest
            friday = start + timedelta(days=(4 - start.weekday()) % 7)
            began_at, ended_at = self.pick(
                (self.later(start, 0, 3), self.later(start, 4, 9)),
                (self.later(start, 0, 5), self.later(start, 4, 25)),
                (self.later(start, 0, 9), self.later(end, -9, 0)),
                (self.later(start, -20, -1), self.later(start, 0, 5)),
                (self.later(start, -30, -10), self.later(start, -9, -1)),
                (self.later(end, -5, 0), self.later(end, 1, 30)),
                (self.later(end, 1, 5), self.later(end, 6, 20)),
                (self.later(start, -5, -1), self.later(end, 1, 5)),
                (start, end),
                (start, start),
                (self.at_some_time(friday), self.later(friday, 1, 2)),
                (self.later(start, 0, 3), ""),
            )
            if ended_at:
                ended_at = max(began_at, ended_at)
            due_on = stage.get("due_on") or end
            self.add(
                "delays",
                delay_id=self.maybe(0.9, f"D{len(self.tables['delays']):06}"),
                application_id=application_id,
                stage=self.pick(*[stage.get("stage", "")] * 4, "", "", self.random.choice(STAGES)),
                cause=self.pick(*CAUSES),
                began_at=began_at,
                ended_at=ended_at,
                reported_at=self.pick(
                    began_at,
                    began_at,
                    began_at,
                    began_at,
                    self.later(began_at, -3, 3),
                    self.at_some_time(due_on),
                    self.later(due_on, 1, 1),
                    self.later(due_on, 2, 60),
                    datetime(2027, 1, 15),
                    "",
                ),
                confirmed_at=self.maybe(0.15, self.later(began_at, 5, 60)),
                ruling=self.pick(*RULINGS),
                ruled_at=self.maybe(0.5, self.later(end, -5, 40)),
                ruled_by=self.pick("", "王五"),
                reason=self.pick("", "客户资料未齐，待补", "says:\n\"later\", maybe"),
            )

    def callback(self, kind, subject_id, since, low, high):
        """A callback due about `low` to `high` days after `since`; now and then earlier, or twice at once."""
        called_at = self.later(since, low, high)
        if self.chance(0.1):
            called_at = self.later(since, -10, 3)
        for _ in range(self.pick(1, 1, 1, 1, 2)):
            self.add(
                "callbacks",
                callback_id=self.maybe(0.9, f"C{len(self.tables['callbacks']):06}"),
                kind=kind,
                subject_id=subject_id,
                called_at=called_at,
                outcome=self.pick("reached", "reached", "unreached", "refused"),
                score=self.pick("", "1", "2", "3", "4", "5", "5"),
                manager_score=self.pick("", "3", "5"),
                free_choice=self.yes_no(),
                issue_category=self.pick("", "", "收费", "态度"),
                issue_department=self.pick("", *DEPARTMENTS),
                issue_verified=self.yes_no(),
            )

    def fault(self, number):
        """One fault with its callbacks."""
        fault_id = f"F{number:06}"
        reported_at = self.some_time()
        restored_at = self.later(reported_at, 1, 4)
        self.add(
            "faults",
            fault_id=fault_id,
            bureau=self.pick(*BUREAUS),
            area=self.pick("urban", "rural"),
            outage_at=self.maybe(0.5, reported_at),
            reported_at=reported_at,
            arrived_at=self.maybe(0.7, reported_at),
            restored_at=self.maybe(0.8, restored_at),
            completion_call_at=self.maybe(0.5, restored_at),
        )
        for _ in range(self.pick(0, 1, 1, 2)):
            self.callback("fault", fault_id, restored_at, 4, 9)

    def end_on_the_day(self, seed):
        """Energises half of those that have such a stage on the day that it finished: before, then or by the day.

        What is archived is archived that day, or else the day after; a third of these know no time of day at all.
        """
        dice = random.Random(seed)
        for application in self.tables["applications"]:
            own = [s for s in self.tables["stages"] if s["application_id"] == application["application_id"]]
            goals = [s["finished_at"] for s in own if s["stage"] == "energisation" and s.get("finished_at")]
            if not goals or dice.random() < 0.5 or max(goals).date() < application["accepted_at"].date():
                continue
            finished_at = max(goals)
            midnight = finished_at.replace(hour=0, minute=0)
            earlier = finished_at - timedelta(minutes=dice.randint(1, 120))
            application["energised_at"] = max(dice.choice([midnight, earlier, finished_at]), application["accepted_at"])
            for stage in own:
                if stage["stage"] == "archiving":
                    stage["started_at"] = dice.choice([midnight, finished_at, midnight + timedelta(hours=9)])
                    later = timedelta(minutes=dice.choice([0, 5, 24 * 60]))
                    stage["finished_at"] = stage["started_at"] + later
            if dice.random() < 0.34:
                for row in [application, *own]:
                    for column in ("accepted_at", "energised_at", "started_at", "finished_at"):
                        if row.get(column):
                            row[column] = row[column].replace(hour=0, minute=0)

    def add(self, table, **row):
        """Adds a good row."""
        self.tables[table].append(row)
        return row

    # --- bad rows

    def spoil(self, table):
        """Adds extra rows that must not count: of each kind a few, 2.5 % of the table at most."""
        rows = self.tables[table]
        good = list(rows)
        kinds = self.bad_kinds(table)
        budget = len(good) // 40
        while budget > 0:
            kind = self.random.choice(kinds)
            base = self.fresh(table, self.random.choice(good), budget)
            if kind == "duplicate":
                extra = [dict(self.random.choice(good))]
            elif kind == "conflict":
                column, one, other = {
                    "applications": ("bureau", BUREAUS[0], BUREAUS[1]),
                    "stages": ("department", DEPARTMENTS[0], DEPARTMENTS[1]),
                    "delays": ("cause", "customer", "weather"),
                    "callbacks": ("outcome", "reached", "refused"),
                    "faults": ("area", "urban", "rural"),
                }[table]
                extra = [{**base, column: one}, {**base, column: other}]
            else:
                extra = [{**base, **kind}]
            if len(extra) <= budget:
                for row in extra:
                    rows.insert(self.random.randint(0, len(rows)), row)
            budget -= len(extra)

    def fresh(self, table, row, number):
        """A copy of a row under a key that no good row has."""
        key, value = {
            "applications": ("application_id", f"X{number:06}"),
            "stages": ("pass", str(10 + number)),
            "delays": ("delay_id", f"X{number:06}"),
            "callbacks": ("callback_id", f"X{number:06}"),
            "faults": ("fault_id", f"X{number:06}"),
        }[table]
        return {**row, key: value}

    def bad_kinds(self, table):
        """The ways in which a row of this table can be bad: changes to a good row."""
        noon = datetime(2026, 3, 5, 12, 0)
        morning = datetime(2026, 3, 5, 9, 30)
        day_before = datetime(2026, 3, 4)
        ids = [row["application_id"] for row in self.tables["applications"]]
        dropped = next((i for i in ids if i.startswith("X")), "nobody")
        own = {
            "applications": [
                {"accepted_at": noon, "energised_at": day_before},
                {"accepted_at": noon, "energised_at": morning},
                {"accepted_at": "2026-02-30"},
                {"accepted_at": ""},
                {"application_id": ""},
                {"bureau": ""},
                {"voltage_kv": ""},
                {"capacity_kva": "many"},
                {"mode": "express"},
                {"supply": "triple"},
                {"key_project": "perhaps"},
                {"visits": "often"},
            ],
            "stages": [
                {"started_at": noon, "finished_at": day_before},
                {"started_at": noon, "finished_at": morning},
                {"application_id": "nobody"},
                {"application_id": dropped},
                {"started_at": "soon"},
                {"started_at": ""},
                {"due_on": "2026-13-01"},
                {"department": ""},
                {"pass": "again"},
            ],
            "delays": [
                {"began_at": noon, "ended_at": day_before},
                {"began_at": noon, "ended_at": morning},
                {"application_id": "nobody"},
                {"application_id": dropped},
                {"application_id": ""},
                {"cause": ""},
                {"began_at": ""},
                {"reported_at": "yesterday"},
                {"ruling": "undecided"},
            ],
            "callbacks": [
                {"kind": "connection", "subject_id": "nobody"},
                {"kind": "connection", "subject_id": dropped},
                {"kind": "fault", "subject_id": "nobody"},
                {"kind": "complaint"},
                {"outcome": "busy"},
                {"score": "0"},
                {"score": "6"},
                {"manager_score": "9"},
                {"free_choice": "maybe"},
                {"called_at": ""},
                {"called_at": "2026-02-29"},
            ],
            "faults": [
                {"area": "island"},
                {"area": ""},
                {"bureau": ""},
                {"reported_at": ""},
                {"restored_at": "25:00"},
            ],
        }[table]
        return own + ["duplicate", "conflict"] * 3

    # --- writing

    def written(self, column, kind, value):
        """A cell as text; a moment in one of the ways that exports write it."""
        if not isinstance(value, datetime):
            return value
        day = value.strftime("%Y-%m-%d")
        midnight = (value.hour, value.minute) == (0, 0)
        if kind.startswith("date") or (midnight and self.chance(0.7)):
            return day
        return self.pick(value.strftime("%Y-%m-%dT%H:%M:%S"), value.strftime("%Y-%m-%d %H:%M"))

    def write(self, table, folder):
        """One table as CSV, its columns shuffled and in half the data sets one left out."""
        columns = list(TABLES[table])
        self.random.shuffle(columns)
        rows = self.tables[table]
        absent = None
        if self.chance(0.5):
            absent = self.pick(*OFTEN_ABSENT[table])
            if absent == "pass":
                rows = [row for row in rows if row["pass"] in ("", "1")]
            if absent == "due_on":
                # Without its due date, what has not begun is nothing.
                rows = [row for row in rows if row.get("started_at") or row.get("finished_at")]
        if self.chance(0.5):
            self.random.shuffle(rows)
        self.write_rows(folder / f"{table}.csv", columns, rows, absent)

    def write_rows(self, path, columns, rows, absent):
        """The rows as CSV, without a column, or without its values where the column itself must stay."""
        if absent not in NO_DATA:
            columns = [column for column in columns if column[0] != absent]
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([column for column, _ in columns])
            for row in rows:
                writer.writerow([
                    "" if column == absent else self.written(column, kind, row.get(column, ""))
                    for column, kind in columns
                ])


def main():
    """Reads the arguments, writes the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("dir", type=Path)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--applications", type=int, default=200)
    arguments.add_argument("--without", action="append", default=[], choices=["delays", "callbacks", "faults"])
    arguments.add_argument("--on-the-day", action="store_true", help="many are energised on the day of that stage")
    given = arguments.parse_args()

    awkward = Awkward(given.seed)
    for number in range(given.applications):
        awkward.application(number)
    for number in range(given.applications // 4):
        awkward.fault(number)
    if given.on_the_day:
        awkward.end_on_the_day(given.seed)
    given.dir.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        awkward.spoil(table)
        if table not in given.without:
            awkward.write(table, given.dir)


if __name__ == "__main__":
    main()
