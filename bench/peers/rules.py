"""What every peer knows before it reads data: columns, working days, limits, and which stages wait for which.

Calendar, rule book and network are read from the files in `pipelines/` that the program reads too. Nothing else is
shared with it. Section numbers are those of docs/method.md.
"""

import argparse
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

PIPELINES = Path(__file__).resolve().parents[2] / "pipelines"

# §2: the columns that the marts of the peers need.
COLUMNS = {
    "applications": {
        "application_id": "text",
        "bureau": "text",
        "voltage_kv": "number",
        "capacity_kva": "number",
        "supply": "text",
        "new_feeder": "flag",
        "key_project": "flag",
        "mode": "text",
        "accepted_at": "time",
        "promised_on": "date",
        "energised_at": "time",
        "cancelled_at": "time",
    },
    "stages": {
        "application_id": "text",
        "stage": "text",
        "pass": "integer",
        "department": "text",
        "handler": "text",
        "started_at": "time",
        "finished_at": "time",
        "due_on": "date",
        "planned_start_on": "date",
    },
    "delays": {
        "application_id": "text",
        "stage": "text",
        "cause": "text",
        "began_at": "time",
        "ended_at": "time",
        "reported_at": "time",
        "confirmed_at": "time",
        "ruling": "text",
        "ruled_at": "time",
    },
    "callbacks": {
        "kind": "text",
        "subject_id": "text",
        "called_at": "time",
        "outcome": "text",
        "score": "integer",
        "free_choice": "flag",
        "issue_category": "text",
        "issue_verified": "flag",
    },
    "faults": {"fault_id": "text", "bureau": "text", "restored_at": "time"},
}

# Settings of pipelines/monthly.toml, with their defaults.
EXCLUDABLE_CAUSE = "customer"
OPEN_CLAIM_WD = 20
FAULT_DAYS = 7
MIN_CASES = 10
ORDER_FROM_KVA = 4000

Z_975 = 1.959963984540054  # the normal distribution's 0.975 quantile


class Job(NamedTuple):
    """What a peer is told on its command line."""

    data: Path
    out: Path
    calendar: Path
    as_of: date

    def table(self, name):
        """The CSV file of a table."""
        return self.data / f"{name}.csv"

    def mart(self, name):
        """Where a mart goes."""
        return self.out / f"{name}.parquet"


def job(doc):
    """Reads the command line of a peer whose module says `doc`, and makes its output folder."""
    arguments = argparse.ArgumentParser(description=doc.splitlines()[0])
    arguments.add_argument("data", type=Path, help="folder of canonical CSV files")
    arguments.add_argument("out", type=Path, help="folder for the marts")
    arguments.add_argument("calendar", type=Path, help="TOML file of working days")
    arguments.add_argument("as_of", type=date.fromisoformat)
    given = Job(**vars(arguments.parse_args()))
    given.out.mkdir(parents=True, exist_ok=True)
    return given


# --- working days, §3 --------------------------------------------------------------------------------------


class Calendar:
    """The days from `FIRST` to `LAST`, and how many of them up to each are worked.

    `ordinals[i]` is W(d) of the i-th day d; `first_days[n]` the first day whose W is n. The days of the sample lie well
    within; many more would slow DuckDB down, which copies a list with every chunk of rows.
    """

    FIRST = date(2020, 1, 1)
    LAST = date(2031, 12, 31)

    def __init__(self, path):
        with open(path, "rb") as file:
            content = tomllib.load(file)
        first_year, last_year = content["covered"]
        holidays, workdays = (
            {date.fromisoformat(str(entry["on"])) for entry in content[name]} for name in ("holidays", "workdays")
        )

        def is_working(day):
            if first_year <= day.year <= last_year and day in holidays:
                return False
            return day.weekday() < 5 or day in workdays

        self.days = [self.FIRST + timedelta(days) for days in range((self.LAST - self.FIRST).days + 1)]
        self.ordinals = []
        self.first_days = [self.FIRST]
        for day in self.days:
            if is_working(day):
                self.first_days.append(day)
            self.ordinals.append(len(self.first_days) - 1)


# --- the rule book, §4 -------------------------------------------------------------------------------------


def standard_rules():
    """The rules of the default set."""
    with open(PIPELINES / "standards.toml", "rb") as file:
        return tomllib.load(file)["sets"]["default"]["rules"]


def stage_limits():
    """(stage, is it high voltage, supply, limit in working days), one for each connection with a limit."""
    return [
        (rule["stage"], high, supply, rule["limit"])
        for rule in standard_rules()
        if "stage" in rule
        for high in (False, True)
        for supply in ("single", "dual")
        if rule.get("voltage") in (None, "high" if high else "low") and rule.get("supply") in (None, supply)
    ]


def total_limits():
    """(least kV, most kV, is it a new feeder, supply, limit in working days) of whole applications."""
    return [
        (rule["min_kv"], rule["max_kv"], rule["new_feeder"], supply, rule["limit"])
        for rule in standard_rules()
        if rule.get("total")
        for supply in ("single", "dual")
        if rule.get("supply") in (None, supply)
    ]


# --- the network of stages, §4 «Late and missing starts» -----------------------------------------------------


def process():
    """`process.toml`."""
    with open(PIPELINES / "process.toml", "rb") as file:
        return tomllib.load(file)


def stage_bits():
    """A bit for each stage, so that a set of stages is a number; in their usual order."""
    return {stage["code"]: 1 << place for place, stage in enumerate(process()["stages"])}


def ways_back():
    """(stage, stage before it, set of stages in between), one for each way back through the network.

    A stage waits for another one on record if there is a way to it on which none in between is on record.
    """
    network = process()
    after = {step["code"]: step.get("after", []) for step in network["stages"] + network["activities"]}
    bits = stage_bits()
    found = set()

    def walk(stage, code, between):
        for before in after[code]:
            if before in bits:
                found.add((stage, before, between))
            walk(stage, before, between | bits.get(before, 0))

    for stage in bits:
        walk(stage, stage, 0)
    return sorted(found)


def after_goal():
    """The stages that usually come after the energisation."""
    goal = process()["goal"]
    return sorted({stage for stage, before, _ in ways_back() if before == goal})
