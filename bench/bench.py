"""Measures yekuo next to its peers; `bench/run --help` says how.

Before anything is timed, all of them run on a small sample, and every cell that they share must be equal. Then they
take turns, each as processes of its own. This file needs nothing but Python itself: what it imported would count as
memory of the processes that it starts.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import page
from contestants import AS_OF, CLONE, CONTESTANTS, report

# From this size on, everything is run once.
ONCE_FROM = 1_000_000
LINES_OF_LOG = 15


class Failed(Exception):
    """A command that did not end with 0."""


class Cost(NamedTuple):
    """What it took to run something, or a median of it."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    written_mib: float


class Line(NamedTuple):
    """A line of a table: medians over the rounds; `cost` is None where it failed."""

    name: str
    runs: int
    cost: Cost | None
    least_s: float | None = None
    most_s: float | None = None
    # Medians of the ratios of wall times within a round.
    to_copy: float | None = None
    yekuo_to_it: float | None = None


def say(text):
    """Progress goes to standard error."""
    print(text, file=sys.stderr, flush=True)


# --- one run -----------------------------------------------------------------------------------------------


def files_of(folder):
    """The size of each file below a folder, by what changes when it is written again."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            status = path.stat()
            found[status.st_ino, status.st_mtime_ns] = status.st_size
    return found


def run(command, log):
    """Runs one process to its end; its wall and CPU seconds, and its peak memory in MiB."""
    with open(log, "wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = log.read_text(errors="replace").splitlines()[-LINES_OF_LOG:]
        raise Failed("\n".join([f"ended with {process.returncode}: {' '.join(command)}", *tail]))
    return wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cost_of(row, out, log):
    """Runs the commands of a row, and adds up what they cost."""
    before = files_of(out)
    # What others have written must not be written out while this runs.
    os.sync()
    runs = [run(command, log) for command in row.commands]
    written = sum(size for file, size in files_of(out).items() if file not in before)
    return Cost(sum(r[0] for r in runs), sum(r[1] for r in runs), max(r[2] for r in runs), written / 2**20)


def turn(contestant, yekuo, data, out, log):
    """Lets a contestant run on some data: the cost of each of its rows, None of those that failed."""
    costs = {}
    for row in contestant.rows(yekuo, data, out):
        try:
            costs[row.name] = cost_of(row, out, log)
            say(f"  {row.name}: {costs[row.name].wall_s:.2f} s")
        except Failed as failure:
            costs[row.name] = None
            say(f"  {row.name}: failed\n{failure}")
    return costs


def emptied(folder):
    """An empty folder in the place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def sample(yekuo, scratch, applications):
    """Makes the canonical CSV files of that many applications."""
    say(f"making a sample of {applications:,} applications")
    folder = emptied(scratch / f"sample-{applications}")
    command = [str(yekuo), "sample", str(folder), "--applications", str(applications), "--layout", "canonical"]
    run(command, scratch / "log")
    return folder


# --- are the figures the same? -----------------------------------------------------------------------------


def checked(contestants, yekuo, scratch, applications):
    """Runs everybody on a small sample: what was compared by peer, who failed, and whether a cell differs."""
    data = sample(yekuo, scratch, applications)
    ours = emptied(scratch / "check-yekuo")
    compared, failed, differs = {}, set(), False
    peers = [contestant for contestant in contestants if contestant.marts]
    for pipeline in sorted({"monthly"} | {peer.pipeline for peer in peers}):
        say(f"checking: {pipeline} of yekuo")
        run(report(yekuo, pipeline, data, ours), scratch / "log")
    for peer in peers:
        say(f"checking: {peer.name}")
        out = emptied(scratch / "out")
        (row,) = peer.rows(yekuo, data, out)
        try:
            cost_of(row, out, scratch / "log")
        except Failed as failure:
            failed.add(peer.name)
            say(f"{peer.name}: failed\n{failure}")
            continue
        compared[peer.name], is_equal = cells(ours / peer.pipeline / "marts", out, peer.marts)
        differs |= not is_equal
    marts = len(list((ours / "monthly" / "marts").glob("*.parquet")))
    shutil.rmtree(ours)
    shutil.rmtree(data)
    return page.Check(applications, marts, compared), failed, differs


def cells(ours, theirs, marts):
    """What was compared of each mart, and whether all of it was equal."""
    script = Path(__file__).with_name("cells.py")
    command = [sys.executable, str(script), str(ours), str(theirs), *marts]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    say(f"  {sum(report['cells'] for report in reports):,} cells in {len(reports)} of {len(marts)} marts compared")
    return reports, result.returncode == 0


# --- how long does it take? --------------------------------------------------------------------------------


def timed(contestants, failed, yekuo, scratch, applications, runs):
    """The table of one size: everybody in turn, round after round."""
    data = sample(yekuo, scratch, applications)
    rounds = []
    for number in range(1, runs + 1):
        say(f"{applications:,} applications, round {number} of {runs}")
        costs = {}
        for contestant in contestants:
            if contestant.most is not None and applications > contestant.most:
                continue
            if contestant.name in failed:
                costs[contestant.name] = None
                continue
            out = emptied(scratch / "out")
            costs |= turn(contestant, yekuo, data, out, scratch / "log")
        rounds.append(costs)
    shutil.rmtree(scratch / "out", ignore_errors=True)
    size = page.Size(applications, *extent(data), [line(name, rounds) for name in rounds[0]])
    shutil.rmtree(data)
    return size


def extent(data):
    """The rows of all CSV files of a folder, and their MiB."""
    rows, size = 0, 0
    for path in data.glob("*.csv"):
        size += path.stat().st_size
        with open(path, "rb") as file:
            rows += sum(1 for _ in file) - 1
    return rows, size / 2**20


def line(name, rounds):
    """The line of a row: medians of its costs and of its ratios; failed if it failed once."""
    costs = [costs[name] for costs in rounds]
    if None in costs:
        return Line(name, len(costs), None)
    walls = [cost.wall_s for cost in costs]
    medians = Cost(*(statistics.median(values) for values in zip(*costs)))
    to_copy = median_ratio(rounds, name, "duckdb_copy")
    yekuo_to_it = median_ratio(rounds, "yekuo monthly", name)
    return Line(name, len(costs), medians, min(walls), max(walls), to_copy, yekuo_to_it)


def median_ratio(rounds, above, below):
    """The median over the rounds of one wall time ÷ another; None where one is missing."""
    pairs = [(costs.get(above), costs.get(below)) for costs in rounds]
    if any(cost is None for pair in pairs for cost in pair):
        return None
    return statistics.median(a.wall_s / b.wall_s for a, b in pairs)


# --- the command line --------------------------------------------------------------------------------------


def target_folder():
    """Where cargo builds."""
    return Path(os.environ.get("CARGO_TARGET_DIR", CLONE / "target")).absolute()


def built():
    """The release build, made first where there is none."""
    program = target_folder() / "release" / "yekuo"
    if not program.exists():
        say("building yekuo")
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=CLONE, check=True)
    return program


def chosen(only, with_seven):
    """The contestants that take part."""
    if only is None:
        return [c for c in CONTESTANTS if not c.on_request or with_seven]
    return [c for c in CONTESTANTS if c.name in only or (c.on_request and with_seven)]


def numbers(text):
    """Whole numbers separated by commas."""
    return [int(number) for number in text.split(",")]


def arguments():
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures yekuo next to its peers.")
    parser.add_argument("--sizes", type=numbers, default=[100_000], help="applications, separated by commas")
    parser.add_argument("--runs", type=int, default=3, help=f"rounds; one from {ONCE_FROM:,} applications on")
    parser.add_argument("--only", type=lambda names: names.split(","), help="contestants, separated by commas")
    parser.add_argument("--seven", action="store_true", help="also every pipeline of yekuo, one after another")
    parser.add_argument("--yekuo", type=Path, help="the program; default: the release build, built if absent")
    parser.add_argument("--check-size", type=int, default=2_000, help="applications of the sample that is compared")
    parser.add_argument("--data", type=Path, help="folder for samples and output; default: a temporary one")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    known = {contestant.name for contestant in CONTESTANTS}
    if unknown := set(given.only or known) - known:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
    return given


def measured(given, scratch):
    """Checks, times and prints; the exit status."""
    yekuo = (given.yekuo or built()).absolute()
    contestants = chosen(given.only, given.seven)
    machine = page.Machine.this()
    check, failed, differs = checked(contestants, yekuo, scratch, given.check_size)
    if differs:
        say("cells differ: nothing was timed")
        return 1
    sizes = []
    for applications in given.sizes:
        runs = 1 if applications >= ONCE_FROM else given.runs
        sizes.append(timed(contestants, failed, yekuo, scratch, applications, runs))
        print(page.table(sizes[-1]), flush=True)
    if given.write:
        target = CLONE / "docs" / "benchmarks.md"
        target.write_text(page.page(machine, page.Versions.of(yekuo), AS_OF, contestants, check, sizes))
        say(f"written: {target}")
    return 1 if any(line.cost is None for size in sizes for line in size.lines) else 0


def main():
    """Finds a scratch folder and measures in it."""
    given = arguments()
    try:
        if given.data is not None or "CARGO_TARGET_DIR" in os.environ:
            # A folder of its own: what is in it is deleted.
            scratch = emptied((given.data or target_folder()).absolute() / "yekuo-bench")
            sys.exit(measured(given, scratch))
        with tempfile.TemporaryDirectory(prefix="yekuo-bench-") as folder:
            sys.exit(measured(given, Path(folder)))
    except (Failed, OSError, subprocess.CalledProcessError) as failure:
        say(f"error: {failure}")
        sys.exit(2)


if __name__ == "__main__":
    main()
