"""What was measured, as Markdown: the tables, and docs/benchmarks.md around them."""

import os
import platform
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
COPY = "duckdb_copy"


class Check(NamedTuple):
    """What was compared before anything was timed."""

    applications: int
    # How many marts the monthly report has.
    marts: int
    # By peer, what cells.py reports of each mart.
    compared: dict


class Size(NamedTuple):
    """The table of one size."""

    applications: int
    rows: int
    csv_mib: float
    lines: list


class Machine(NamedTuple):
    """What it ran on."""

    cores: int
    memory_gib: float
    processor: str
    system: str
    # How busy it was before anything began.
    load: float

    @classmethod
    def this(cls):
        """The machine that this runs on."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        cores = len(os.sched_getaffinity(0))
        return cls(cores, memory / 2**30, processor(), f"{platform.system()} {platform.machine()}", os.getloadavg()[0])


def processor():
    """The model of the processor, as far as the system says."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or "unknown"


class Versions(NamedTuple):
    """What was run."""

    yekuo: str
    commit: str
    packages: dict

    @classmethod
    def of(cls, yekuo):
        """The versions of the program and of the packages that are pinned."""
        names = [line.split("==")[0] for line in REQUIREMENTS.read_text().split()]
        packages = {"Python": platform.python_version()} | {name: version(name) for name in names}
        return cls(said([str(yekuo), "--version"]), said(["git", "describe", "--always", "--dirty"]), packages)


def said(command):
    """The first line that a command prints; «unknown» where it fails."""
    try:
        result = subprocess.run(command, cwd=REQUIREMENTS.parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return (result.stdout.splitlines() or ["unknown"])[0]


# --- tables ------------------------------------------------------------------------------------------------


def number(value):
    """A number with two decimals below 10, one below 100, else none; a dash for none."""
    if value is None:
        return "–"
    decimals = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{decimals}f}"


def markdown(header, rows):
    """A table of Markdown, numbers to the right."""
    ruler = ["---", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, ruler, *rows])


def table(size):
    """The table of one size."""
    header = ["", "wall s", "least–most", "CPU s", "peak MiB", "written MiB", f"÷ {COPY}", "yekuo ÷ it"]
    return markdown(header, [cells_of(line) for line in size.lines])


def cells_of(line):
    """The cells of a line."""
    name = f"`{line.name}`"
    if line.cost is None:
        return [name, "failed", *["–"] * 6]
    cost = line.cost
    span = f"{number(line.least_s)}–{number(line.most_s)}" if line.runs > 1 else "–"
    costs = [number(value) for value in (cost.cpu_s, cost.peak_mib, cost.written_mib, line.to_copy, line.yekuo_to_it)]
    return [name, number(cost.wall_s), span, *costs]


def heading(size):
    """What stands above a table."""
    runs = max(line.runs for line in size.lines)
    rounds = "one run each" if runs == 1 else f"medians of {runs} rounds"
    return f"## {size.applications:,} applications\n\n{size.rows:,} rows, {size.csv_mib:,.0f} MiB of CSV; {rounds}."


# --- the page ----------------------------------------------------------------------------------------------


def page(machine, versions, as_of, contestants, check, sizes):
    """docs/benchmarks.md."""
    parts = [
        "# Benchmarks",
        "This page is written by `bench/run --write`; [bench/README.md](../bench/README.md) says how to run it.",
        ran_on(machine, versions, as_of),
        *(f"{heading(size)}\n\n{table(size)}" for size in sizes),
        READING,
        who(contestants),
        what_was_compared(check),
    ]
    return "\n\n".join(parts) + "\n"


def ran_on(machine, versions, as_of):
    """Machine, versions, day and command."""
    packages = ", ".join(f"{name} {number}" for name, number in versions.packages.items())
    command = " ".join(["bench/run", *shown_arguments()])
    return "\n".join([
        f"- {machine.cores} cores, {machine.memory_gib:.0f} GiB, {machine.processor}, {machine.system};"
        f" load average before the run {machine.load:.1f}",
        f"- {versions.yekuo} (commit {versions.commit}); {packages}",
        f"- measured on {date.today()}, reports as of {as_of}: `{command}`",
    ])  # fmt: skip


def shown_arguments():
    """The arguments without folders of this machine."""
    return [argument if "/" not in argument else "…" for argument in sys.argv[1:]]


READING = f"""## How to read the tables

- Each row is whole processes, from start to exit, with what Python takes to import its packages. The contestants take
  turns; wall and CPU seconds (user and system), peak memory and written bytes are medians over the rounds. The peak of
  a row of several processes is that of the largest.
- `÷ {COPY}` and `yekuo ÷ it` are medians of ratios of wall times within a round: how many times as long as copying
  the files, and how many times as long the monthly report of yekuo takes.
- The files have just been written and are in the memory of the system where they fit: hardly anybody waits for a disk
  to read them.
- **The rows do different work.** yekuo checks every row and publishes a report that can be explained; a peer computes
  a few of its marts and stops. What a peer leaves out is listed below. So a ratio says what the rest costs, not which
  engine is faster."""


def who(contestants):
    """What each row does, and what it does not."""
    rows = [[f"`{contestant.name}`", contestant.does, contestant.lacks or "–"] for contestant in contestants]
    limits = [c for c in contestants if c.most is not None]
    notes = [f"`{c.name}` is not run on more than {c.most:,} applications." for c in limits]
    header = "| | does | does not |\n| --- | --- | --- |"
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n\n".join(["## What each does", "\n".join([header, *lines]), *notes])


def what_was_compared(check):
    """Which marts and columns were compared, and which columns of them no peer has."""
    by_mart = {}
    for peer, reports in check.compared.items():
        for report in reports:
            by_mart.setdefault(report["mart"], []).append((peer, report))
    rows = [compared_row(mart, found) for mart, found in by_mart.items()]
    header = "| mart | peers | cells each | columns | columns that they do not have |\n| --- | --- | --: | --- | --- |"
    cells = sum(report["cells"] for reports in check.compared.values() for report in reports)
    intro = (
        f"Before anything was timed, {cells:,} cells of the peers were equal to yekuo's on a sample of"
        f" {check.applications:,} applications: counts and days exactly, other numbers to 1e-9. Had one differed, there"
        f" would be no table. The monthly report has {check.marts} marts; the others have no peer here."
    )
    return "\n\n".join(["## What was compared", intro, "\n".join([header, *rows])])


def compared_row(mart, found):
    """One mart: who computes it, and how much of it."""
    peers = ", ".join(f"`{peer}`" for peer, _ in found)
    report = found[0][1]
    missing = ", ".join(report["only_yekuo"]) or "–"
    return f"| `{mart}` | {peers} | {report['cells']:,} | {', '.join(report['columns'])} | {missing} |"
