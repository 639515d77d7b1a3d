"""Who is measured: the program's commands and its peers, with what each of them does and does not do."""

import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

CLONE = Path(__file__).resolve().parents[1]
PEERS = CLONE / "bench" / "peers"
PIPELINES = CLONE / "pipelines"
CALENDAR = PIPELINES / "calendars" / "cn.toml"
# The last day of the sample's last month.
AS_OF = "2026-06-30"

CORE = (
    "stage_overdue", "department_stage", "month_overdue", "department_month", "cycle", "cycle_by_mode", "callback",
    "exclusion",
)  # fmt: skip


class Row(NamedTuple):
    """A row of the table: commands that are run one after another and measured as one."""

    name: str
    commands: list


class Contestant(NamedTuple):
    """Somebody who takes turns with the others; all rows of a turn write into one folder, which is empty before it."""

    name: str
    does: str
    lacks: str
    # The marts that must be equal to the program's, and the pipeline that they are marts of.
    marts: tuple = ()
    pipeline: str = "monthly"
    # It is not run on more applications than these.
    most: int | None = None
    # It is run only where it is asked for.
    on_request: bool = False

    def rows(self, yekuo, data, out):
        """What a turn runs."""
        if self.name == "yekuo":
            first = report(yekuo, "monthly", data, out)
            return [Row("yekuo monthly", [first]), Row("yekuo monthly again", [first])]
        if self.name == "seven":
            names = pipelines()
            return [Row(f"yekuo, {len(names)} pipelines", [report(yekuo, name, data, out) for name in names])]
        script = PEERS / f"{self.name}.py"
        return [Row(self.name, [[sys.executable, str(script), str(data), str(out), str(CALENDAR), AS_OF]])]


def report(yekuo, pipeline, data, out):
    """The command that publishes a report; its lake goes next to it."""
    file = PIPELINES / f"{pipeline}.toml"
    return [str(yekuo), "run", str(file), "--data", str(data), "--as-of", AS_OF, "--out", str(out / pipeline)]


def pipelines():
    """The names of the shipped pipelines."""
    found = []
    for path in sorted(PIPELINES.glob("*.toml")):
        with open(path, "rb") as file:
            if "rhythm" in tomllib.load(file):
                found.append(path.stem)
    return found


CONTESTANTS = [
    Contestant(
        "yekuo",
        "Checks every row, keeps the tables as Parquet, runs the clock, computes all marts of the monthly report and "
        "publishes it: page, workbook, hand-outs, charts, marts, manifest. «Again» is the same command on the same "
        "exports, once more into the same folder.",
        "",
    ),
    Contestant(
        "seven",
        "Every shipped pipeline, one process after another, each with its report; the exports are read once, and go through the "
        "clock once.",
        "",
        on_request=True,
    ),
    Contestant(
        "duckdb_copy",
        "Reads every CSV file and writes it as Parquet: the physical yardstick.",
        "Computes nothing.",
    ),
    Contestant(
        "duckdb_core",
        "The clock and ten marts in SQL, on all cores.",
        "No check of rows, no report, no explanation; the other marts.",
        (*CORE, "handler", "volume_month"),
    ),
    Contestant(
        "polars_core",
        "The clock and eight marts in Polars' expressions, on all cores.",
        "No check of rows, no report, no explanation; the other marts.",
        CORE,
    ),
    Contestant(
        "pandas_core",
        "The clock and eight marts in pandas and numpy, whole columns at a time.",
        "No check of rows, no report, no explanation; the other marts.",
        CORE,
    ),
    Contestant(
        "pandas_rows",
        "The same marts, the clock row by row with `apply` and sets of days, as it is often written.",
        "No check of rows, no report, no explanation; the other marts.",
        CORE,
        most=100_000,
    ),
    Contestant(
        "pm4py_log",
        "An event log of the stages: directly-follows edges, variants, duration of each case.",
        "No working days, limits, claims or rates; no check of rows, no report. Its edges and variants are compared "
        "with those of the pipeline `bottleneck`, its durations (from the first start to the last) with nothing.",
        ("flow", "variant"),
        pipeline="bottleneck",
    ),
]
