"""Writes the tables of awkward.py and every other table of DOMAIN.md §2, full of awkward but valid cases.

    python awkward_service.py DIR --as-of 2026-06-30 --seed S --applications N

The cases crowd around the as-of day: due dates one calendar month, ten days, no day off; events on that day,
late that evening and after it. Always the same for the same arguments. The tables that awkward.py makes hold
its bad rows too; the others hold none.
"""

import argparse
from datetime import date, datetime, time, timedelta
from pathlib import Path

import oracle
from awkward import BUREAUS, DEPARTMENTS, Awkward
from oracle_service import OPTIONAL_TABLES

ALL_BUREAUS = [*BUREAUS, "梅村供电所"]  # the last has no application
CUSTOMERS = ["无锡某厂", "A, B & C", '"甲" 公司', "惠山钢铁", "太湖新城", "锡东物流", "滨湖水务", "two\nlines"]
# Their month before begins on a 28 or 29 February, a 30 April, …, or they are worked weekends and holidays.
ODD_PROMISES = """2028-03-29 2028-03-31 2028-02-29 2027-03-28 2027-03-29 2027-03-31 2026-10-10 2026-09-20
    2026-12-31 2026-07-31 2026-10-04 2027-05-31""".split()
# Of every bureau; the last has the same name in all of them.
FEEDERS = ["{}0线", "{}0线", "{}1线", "{}2线", "{}变", "联络线"]
REASONS = ["客户资料未齐", "电网配套工程未完", "政府批复", "天气", ""]
INDICATORS = ["供电质量", "服务态度", "业扩办电", "停电信息"]
# A column that a data set may lack altogether.
OFTEN_ABSENT = {
    "complaints": "forwarded_at due_at handled_at satisfied".split(),
    "outages": "outages_this_year special_approval".split(),
    "managers": ["customers"],
    "restrictions": ["limit_kva"],
    "demands": "expected_on source".split(),
    "replans": ["reason"],
    "requests": "application_id answered settled_at".split(),
}


class AwkwardService(Awkward):
    """Makes the further rows, and changes what an application and a fault look like."""

    def __init__(self, seed, as_of, calendar):
        """Starts the tables empty."""
        super().__init__(f"{seed} {as_of}")
        self.as_of = datetime.combine(as_of, time())
        self.calendar = calendar
        for table in OPTIONAL_TABLES:
            self.tables[table] = []

    # --- small choices

    def some_time(self):
        """Any moment from a year and a half before as-of to half a year after it, many of them shortly before."""
        if self.chance(0.3):
            return self.later(self.as_of, -150, 3)
        return self.later(self.as_of - timedelta(days=575), 0, 760)

    def at_some_minute(self, moment):
        """The same day, at any minute but midnight."""
        return moment.replace(hour=0, minute=0, second=0) + timedelta(minutes=self.random.randint(1, 1439))

    def since(self, moment, days):
        """A moment not before the given one: that very moment, that day, soon, on the as-of day or after it."""
        found = self.pick(
            moment,
            self.later(moment, 0, 0),
            self.later(moment, 0, 1),
            self.later(moment, 0, days),
            self.later(moment, 0, days),
            self.later(self.as_of, 0, 0),
            self.later(self.as_of, 1, 3),
        )
        return max(moment, found)

    def months(self):
        """The first days of the months from fourteen before as-of to two after it."""
        months = [self.as_of.replace(day=1)]
        for _ in range(14):
            months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
        for _ in range(2):
            months.append((months[-1] + timedelta(days=32)).replace(day=1))
        return months

    # --- an application and what hangs on it

    def manager_id(self, accepted_at):
        """One of eight managers; some are in no other table, some have applications in a few months only."""
        if accepted_at.month % 4 == 0 and self.chance(0.4):
            return self.pick("M6", "M10")
        return self.pick("M1", "M1", "M2", "M3", "M4", "M5", "M7", "")

    def application(self, number):
        """One application of awkward.py with more in its columns, and its outages, re-plans and requests."""
        super().application(number)
        row = self.tables["applications"][-1]
        accepted_at = row["accepted_at"]
        charged, standard = self.pick(
            ("", ""),
            ("1200.50", ""),
            ("", "1200.5"),
            ("1200.50", "1200.5"),
            ("1200.50", "1200.50"),
            ("48000", "48000.00"),
            ("0", "0"),
            ("0", "880"),
            ("1200.51", "1200.50"),
            ("900", "1000"),
        )
        row.update(
            customer_name=self.pick("", *CUSTOMERS),
            customer_phone=self.pick("", "13800000000"),
            area=self.pick("urban", "rural", ""),
            channel=self.pick("online", "online", "hall", "phone", ""),
            manager_id=self.manager_id(accepted_at),
            visits=self.pick("", "0", "1", "1", "1", "2", "3"),
            designer=self.pick("", "甲设计院", "甲设计院", "乙设计院", "丙设计院"),
            builder=self.pick("", "丁电建", "丁电建", "丁电建", "戊电建"),
            supplier=self.pick("", "", "己电器", "庚电器"),
            fee_charged=charged,
            fee_standard=standard,
            feeder_or_station=self.pick("", *FEEDERS).format(row["bureau"][:2]),
        )
        if row["energised_at"] and self.chance(0.2):
            month_end = self.as_of.replace(day=1) - timedelta(days=1)
            for _ in range(self.random.randint(0, 6)):
                month_end = month_end.replace(day=1) - timedelta(days=1)
            row["energised_at"] = max(accepted_at, self.at_some_time(month_end))
        if self.chance(0.35):
            self.leave_open(row)
        if self.chance(0.3):
            self.outages(row)
        if self.chance(0.35):
            self.replans(row)
        for _ in range(self.pick(0, 0, 1, 2)):
            self.request(row)

    def leave_open(self, row):
        """Makes an application one that is open at as-of, its promise near the edges of the owner's levels."""
        row["energised_at"] = self.maybe(0.1, max(row["accepted_at"], self.later(self.as_of, 1, 30)))
        row["cancelled_at"] = self.maybe(0.1, max(row["accepted_at"], self.later(self.as_of, -3, 3)))
        if self.chance(0.8):
            row["mode"] = "order"
            days = self.pick(
                self.random.randint(26, 33),
                self.random.randint(8, 12),
                self.random.randint(-2, 3),
                self.random.randint(-60, 90),
            )
            row["promised_on"] = self.as_of + timedelta(days=days)
            if self.chance(0.15):
                row["promised_on"] = datetime.fromisoformat(self.pick(*ODD_PROMISES))
        if self.chance(0.5):
            # Two stages side by side, at times begun on the same day.
            for stage in self.random.sample(self.own_stages, min(2, len(self.own_stages))):
                stage["finished_at"] = self.maybe(0.3, self.later(self.as_of, 1, 20))
                if self.chance(0.5):
                    stage["started_at"] = max(row["accepted_at"], self.as_of - timedelta(days=12))
                    stage["due_on"] = self.maybe(0.7, self.later(self.as_of, -2, 4))
                if stage["finished_at"]:
                    stage["finished_at"] = max(stage["started_at"], stage["finished_at"])
        if self.chance(0.3):
            began_at = max(row["accepted_at"], self.later(self.as_of, -40, -1))
            self.add(
                "delays",
                delay_id=f"P{len(self.tables['delays']):06}",
                application_id=row["application_id"],
                cause="customer",
                began_at=began_at,
                ended_at=self.pick("", self.since(began_at, 20)),
                reported_at=began_at,
                ruling=self.pick("admitted", "pending", ""),
            )

    def outages(self, row):
        """Outages to connect it: within, exactly at and past seven working days; still to come; at the year's third."""
        for _ in range(self.pick(1, 1, 2, 4)):
            ready_at = self.since(row["accepted_at"], 60)
            seventh, eighth = (
                datetime.combine(self.calendar.plus(ready_at.date(), days), time(9, 30)) for days in (7, 8)
            )
            outage_at = self.pick(seventh, seventh, eighth, self.since(ready_at, 9), self.since(ready_at, 15), "")
            self.add(
                "outages",
                outage_id=f"O{len(self.tables['outages']):06}",
                application_id=row["application_id"],
                ready_at=ready_at,
                outage_at=outage_at,
                affects_others=self.pick("true", "false", "是", "否"),
                outages_this_year=self.pick("", "0", "1", "2", "3", "3", "4"),
                special_approval=self.yes_no(),
            )

    def replans(self, row):
        """Re-plans, later and earlier ones, two in one day at times, some after as-of."""
        taken = set()
        for _ in range(self.pick(1, 1, 2, 3, 5)):
            replanned_at = self.since(row["accepted_at"], 120)
            while replanned_at in taken:
                replanned_at += timedelta(hours=3)
            taken.add(replanned_at)
            before = row["promised_on"] or replanned_at
            self.add(
                "replans",
                application_id=row["application_id"],
                replanned_at=replanned_at,
                promised_on=self.pick(before, self.later(before, -20, 60), self.later(before, 1, 30)),
                reason=self.pick(*REASONS),
            )

    def request(self, row=None):
        """A request to several departments, answered by all, some or none of them."""
        raised_at = self.at_some_minute(self.since(row["accepted_at"], 60) if row else self.some_time())
        if row:
            raised_at = max(raised_at, row["accepted_at"])
        asked = self.random.sample(DEPARTMENTS, self.pick(1, 1, 2, 3, 4))
        answering = self.random.sample(asked, self.random.randint(0, len(asked)))
        if self.chance(0.4):
            answering = asked
        answered = []
        for department in answering:
            at = self.since(raised_at, 6)
            if self.chance(0.4):
                at = min(raised_at + timedelta(minutes=30), raised_at.replace(hour=23, minute=59))
            answered.append(f"{department}@{at:%Y-%m-%d %H:%M:%S}")
        self.add(
            "requests",
            request_id=f"R{len(self.tables['requests']):06}",
            application_id=row["application_id"] if row else "",
            customer=self.pick(*CUSTOMERS),
            topic=self.pick("线路走廊", "变电站间隔, 扩建", "停电配合"),
            departments=";".join(asked),
            raised_at=raised_at,
            answered=";".join(answered),
            settled_at=self.maybe(0.6, self.since(raised_at, 15)),
        )

    # --- what stands alone

    def fault(self, number):
        """One fault: exactly at the limits, half a minute past them, over midnight, with what is not recorded."""
        minutes = lambda number: timedelta(minutes=number)
        half = timedelta(seconds=30)
        while True:
            area = self.pick("urban", "rural")
            reported_at = self.at_some_minute(self.some_time())
            if self.chance(0.1):
                reported_at = reported_at.replace(hour=23, minute=self.random.randint(5, 58))
            if self.chance(0.08):
                reported_at = self.as_of + minutes(self.random.randint(20 * 60, 24 * 60 - 1))
            reach = minutes(self.pick(45, 90) if self.chance(0.2) else {"urban": 45, "rural": 90}[area])
            arrived_at = reported_at + self.pick(
                reach, reach, reach + half, reach - half, reach + minutes(1), minutes(0),
                minutes(self.random.randint(1, 200)), minutes(self.random.randint(1, 60)),
            )
            work = minutes({"urban": 240, "rural": 300}[area])
            restored_at = arrived_at + self.pick(
                work, work, work + half, work + minutes(1), minutes(0),
                minutes(self.random.randint(1, 700)), minutes(self.random.randint(1, 240)), minutes(4321),
            )
            outage_at = reported_at - self.pick(minutes(0), minutes(self.random.randint(0, 90)))
            notified_at = outage_at + self.pick(
                minutes(5), minutes(5), minutes(5) + timedelta(seconds=1), minutes(6), minutes(0), minutes(1500)
            )
            moments = [reported_at, arrived_at, restored_at, outage_at, notified_at]
            if all(moment.time() != time() for moment in moments):
                break
        arrived_at = self.maybe(0.85, arrived_at)
        restored = self.chance(0.85)
        row = self.add(
            "faults",
            fault_id=f"F{number:06}",
            bureau=self.pick(*BUREAUS, BUREAUS[0], "雪浪供电所"),
            area=area,
            outage_at=self.maybe(0.6, outage_at),
            reported_at=reported_at,
            notified_at=self.maybe(0.7, notified_at),
            arrived_at=arrived_at,
            arrival_call_at=self.maybe(0.7, arrived_at and arrived_at + minutes(1)),
            restored_at=restored_at if restored else "",
            completion_call_at=self.maybe(
                0.7, restored_at + self.pick(minutes(2), minutes(30), minutes(1441)) if restored else ""
            ),
        )
        for column in ("outage_at", "reported_at", "notified_at", "arrived_at", "restored_at"):
            if row[column] and self.chance(0.03):
                row[column] = row[column].date()
        if row["arrived_at"] and self.chance(0.03):
            row["arrived_at"] = reported_at - minutes(7)
        for _ in range(self.pick(0, 1, 1, 2) if restored else 0):
            self.callback("fault", f"F{number:06}", restored_at, 4, 9)

    def complaint(self, number):
        """One complaint: due on a day or at a minute, handled right then, just past it, late or not at all."""
        received_at = self.at_some_minute(self.some_time())
        if self.chance(0.15):
            received_at = self.at_some_minute(self.later(self.as_of, -1, 1))
        end_of_day = received_at.replace(hour=23, minute=59)
        forwarded_at = self.pick(received_at, end_of_day, end_of_day, self.since(received_at, 2), "")
        due_at = max(received_at, self.at_some_minute(self.since(received_at, 10)))
        if self.chance(0.5):
            due_at = due_at.replace(hour=0, minute=0) + timedelta(days=1)
        handled_at = self.pick(
            due_at,
            due_at.replace(hour=17, minute=30),
            due_at + timedelta(minutes=1),
            due_at + timedelta(days=1),
            self.since(received_at, 12),
            "",
        )
        self.add(
            "complaints",
            complaint_id=f"K{number:06}",
            bureau=self.pick(*BUREAUS, "梅村供电所"),
            department=self.pick(*DEPARTMENTS[:4]),
            received_at=received_at,
            forwarded_at=forwarded_at,
            due_at=self.maybe(0.85, due_at),
            handled_at=handled_at and max(received_at, handled_at),
            satisfied=self.yes_no(),
        )

    def monthly_tables(self):
        """Surveys, restrictions and demands: with gaps, in months after as-of, in one table only."""
        newest_list = self.pick(*self.months()[-6:])
        for month in self.months():
            for bureau in ALL_BUREAUS:
                weights = self.pick(["1"] * 4, ["40", "30", "20.5", "9.5"], ["0.25", "0.25", "0.5", "0"], ["0"] * 4)
                for indicator, weight in zip(INDICATORS, weights):
                    if self.chance(0.75):
                        self.add(
                            "surveys",
                            period=month,
                            bureau=bureau,
                            indicator=indicator,
                            weight=weight,
                            score=self.pick("0", "100", "88.8", f"{self.random.uniform(40, 100):.2f}"),
                        )
                for feeder in FEEDERS[1 : self.pick(1, 3, 6, 6, 6)] if month <= newest_list else []:
                    self.add(
                        "restrictions",
                        feeder_or_station=feeder.format(bureau[:2]),
                        bureau=bureau,
                        month=month,
                        load_rate=self.pick("0.8", "0.7999", "1", "1.0", "0.9999", "1.25", "0", "0.5"),
                        limit_kva=self.pick("", "", "0", "630", "8000.5"),
                    )
                for customer in self.random.sample(CUSTOMERS, self.pick(0, 0, 1, 3)):
                    self.add(
                        "demands",
                        customer=customer,
                        bureau=bureau,
                        month=month,
                        expected_kva=self.pick("630", "12500", "0", "0.5"),
                        expected_on=self.maybe(0.6, self.later(month, -20, 400)),
                        source=self.pick("", "走访"),
                    )

    def managers(self):
        """Managers: full-time and part-time ones, without customers, without applications, alone in a bureau."""
        for number, bureau, full_time in [
            (1, 0, True), (2, 0, True), (3, 1, False), (4, 1, True), (5, 2, False), (8, 2, False), (9, 4, True),
        ]:
            self.add(
                "managers",
                manager_id=f"M{number}",
                name=self.pick("张三", "李四"),
                bureau=ALL_BUREAUS[bureau],
                full_time=self.pick("true", "1", "是", "Y") if full_time else self.pick("false", "0", "否", "N"),
                customers=self.pick("", "0", "31", "50", "77"),
            )

    # --- writing

    def written(self, column, kind, value):
        """A cell as text; seconds are written where there are any."""
        if isinstance(value, datetime) and value.second:
            return value.isoformat(self.pick("T", " "))
        if isinstance(value, datetime) and kind == "month":
            return value.strftime("%Y-%m-%d")
        return super().written(column, kind, value)

    def write_optional(self, table, folder):
        """One further table as CSV, its columns shuffled and in a third of the data sets one left out."""
        columns = list(OPTIONAL_TABLES[table])
        self.random.shuffle(columns)
        absent = self.pick(*OFTEN_ABSENT[table]) if table in OFTEN_ABSENT and self.chance(0.3) else None
        rows = self.tables[table]
        if self.chance(0.5):
            self.random.shuffle(rows)
        self.write_rows(folder / f"{table}.csv", columns, rows, absent)


def main():
    """Reads the arguments, writes the tables."""
    project = Path(__file__).resolve().parents[2]
    optional = ["delays", "callbacks", "faults", *OPTIONAL_TABLES]
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("dir", type=Path)
    arguments.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 6, 30))
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--applications", type=int, default=300)
    arguments.add_argument("--without", action="append", default=[], choices=optional)
    arguments.add_argument("--no-bad-rows", action="store_true", help="leave out the bad rows of awkward.py")
    arguments.add_argument("--calendar", type=Path, default=project / "pipelines" / "calendars" / "cn.toml")
    given = arguments.parse_args()

    awkward = AwkwardService(given.seed, given.as_of, oracle.Calendar(given.calendar))
    for number in range(given.applications):
        awkward.application(number)
    for number in range(given.applications):
        awkward.fault(number)
    for number in range(given.applications // 2):
        awkward.complaint(number)
    for _ in range(given.applications // 10):
        awkward.request()
    awkward.monthly_tables()
    awkward.managers()

    given.dir.mkdir(parents=True, exist_ok=True)
    for table in oracle.TABLES:
        if not given.no_bad_rows:
            awkward.spoil(table)
        if table not in given.without:
            awkward.write(table, given.dir)
    for table in OPTIONAL_TABLES:
        if table not in given.without:
            awkward.write_optional(table, given.dir)


if __name__ == "__main__":
    main()
