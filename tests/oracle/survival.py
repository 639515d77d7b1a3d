"""Survival figures against lifelines, the peer library.

    python survival.py cases SEED CASES.csv
    python survival.py compare CASES.csv ESTIMATES.json

`cases` draws samples of two groups: with ties between both ends, with ties of one end only, few cases, no censoring,
everything open. A row a case: sample, group, days, end (event, competing, censored).

`compare` holds what the program says of them against lifelines: Kaplan-Meier with its log-log interval, median with
interval, restricted mean, log-rank, Aalen-Johansen with variance and interval, stratified Cox regression. Two things lifelines does not give are
worked out here from its curves: the variance of a restricted mean (it gives that of a time), and incidences where
both ends fall on one day (it moves such days apart at random), one falls on day 0, or all that are left end on one day. Exits 1 on any difference above 1e-9.
"""

import argparse
import csv
import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceError
from lifelines.statistics import logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time

TOLERANCE = 1e-9
# Both go up to the maximum of a likelihood by steps: they agree less closely.
COX_TOLERANCE = 1e-5
CODES = {"censored": 0, "event": 1, "competing": 2}
MOST_SHOWN = 20


def draw(seed):
    """Samples of two groups, always the same for a seed."""
    dice = np.random.default_rng(seed)
    ends = list(CODES)
    for number in range(16):
        days, size = [(25, 60), (400, 80), (60, 3), (300, 160)][number % 4]
        weights = [[0.3, 0.5, 0.2], [0.0, 0.8, 0.2], [0.6, 0.4, 0.0], [0.97, 0.02, 0.01]][number // 4]
        for group in ("a", "b"):
            for _ in range(size):
                day = int(dice.weibull(1.3) * days * (0.5 if group == "a" else 0.6))
                end = str(dice.choice(ends, p=weights))
                # Half of the samples have no day with both ends, so that lifelines takes their days as they are.
                if number % 2 and end != "censored":
                    end = "competing" if day % 4 == 0 and weights[2] > 0 else "event"
                yield number, group, day, end
    for group in ("a", "b"):
        yield from ((100, group, day, "censored") for day in (3, 8, 8))
        yield from ((101, group, 7, "event") for _ in range(5))
        yield 102, group, 9, "event"


class Peer:
    """What lifelines says of one group."""

    def __init__(self, cases):
        self.days = np.array([days for days, _ in cases], dtype=float)
        self.codes = np.array([CODES[end] for _, end in cases])
        self.curve = KaplanMeierFitter().fit(self.days, self.codes == 1)

    def kaplan_meier(self):
        """Day, at risk, events, share, low, high."""
        table, limits = self.curve.event_table, self.curve.confidence_interval_
        for day, row in table.iterrows():
            share = float(self.curve.predict(day))
            # Where nobody is left lifelines writes 1 to 1 for «cannot be computed».
            low, high = limits.loc[day] if share > 0 else (None, None)
            yield [day, int(row["at_risk"]), int(row["observed"]), share, low, high]

    def median(self):
        """Day, low, high, those beyond the curve as None."""
        limits = self.curve.confidence_interval_
        # Without the days when nobody is left, for which it writes 1 to 1.
        limits = limits[np.asarray(self.curve.survival_function_)[:, 0] > 0]
        low, high = (float(value) for value in median_survival_times(limits).iloc[0])
        found = [self.curve.median_survival_time_, low, high]
        return [None if math.isinf(value) or math.isnan(value) else value for value in found]

    def on_the_half(self):
        """Whether a share or a limit is one half but for the last bit: lifelines may then be a day off."""
        shares = np.concatenate([np.asarray(self.curve.survival_function_), self.curve.confidence_interval_], axis=1)
        return bool((np.abs(shares - 0.5) < 1e-12).any())

    def restricted_mean(self, horizon):
        """The mean and its variance, sum of area(t, horizon)^2 d / (n (n - d))."""
        mean = float(restricted_mean_survival_time(self.curve, t=horizon))
        variance = 0.0
        for day, row in self.curve.event_table.iterrows():
            ends, at_risk = row["observed"], row["at_risk"]
            if day <= horizon and 0 < ends < at_risk:
                area = mean - float(restricted_mean_survival_time(self.curve, t=day))
                variance += area**2 * ends / (at_risk * (at_risk - ends))
        return mean, variance

    def moved(self):
        """Whether both ends fall on one day, or one on day 0, which lifelines forgets."""
        ends = [{*self.days[self.codes == code]} for code in (1, 2)]
        return bool(ends[0] & ends[1]) or 0.0 in ends[0] | ends[1]

    def incidence(self, code):
        """Day, share, variance, low, high."""
        if self.moved():
            yield from self.exact_incidence(code)
            return
        fitted = AalenJohansenFitter(calculate_variance=True).fit(self.days, self.codes, event_of_interest=code)
        for day, share in fitted.cumulative_density_.iloc[:, 0].items():
            limits = fitted.confidence_interval_.loc[day]
            known = 0 < share < 1 - 1e-12
            # It names the columns upper and lower the wrong way round.
            low, high = (float(limits.min()), float(limits.max())) if known else (None, None)
            row = [day, float(share), float(fitted.variance_.loc[day]), low, high]
            # On a day on which all that are left end, its variance is infinity times nought.
            yield list(self.exact_incidence(code))[-1] if math.isnan(row[2]) else row

    def mean_days_without(self, horizon):
        """The area below 1 - incidence of the end up to the horizon."""
        rows = [row for row in self.incidence(1) if row[0] <= horizon]
        until = [row[0] for row in rows[1:]] + [horizon]
        return sum((1 - row[1]) * (end - row[0]) for row, end in zip(rows, until))

    def exact_incidence(self, code):
        """The same by the definition: every day's sum over all days before it."""
        days = np.unique([0.0, *self.days])
        n = np.array([(self.days >= day).sum() for day in days], dtype=float)
        k = np.array([((self.days == day) & (self.codes == code)).sum() for day in days])
        d = np.array([((self.days == day) & (self.codes > 0)).sum() for day in days])
        before = np.concatenate([[1.0], np.cumprod(1 - d / n)[:-1]])
        shares = np.cumsum(before * k / n)
        greenwood = np.divide(d, n * (n - d), out=np.zeros_like(n), where=d < n)
        for place, (day, share) in enumerate(zip(days, shares)):
            until = slice(0, place + 1)
            gain = share - shares[until]
            own = (before**2 * k * (n - k) / n**3)[until]
            mixed = (before * k / n**2)[until]
            variance, low, high = float((gain**2 * greenwood[until] + own - 2 * gain * mixed).sum()), None, None
            if 0 < share < 1 - 1e-12:
                spread = math.exp(1.959963984540054 * math.sqrt(max(variance, 0.0)) / abs(share * math.log(share)))
                low, high = share**spread, share ** (1 / spread)
            yield [float(day), float(share), variance, low, high]


class Comparison:
    """Counts what agrees and keeps what does not."""

    def __init__(self):
        self.equal, self.fitted, self.found = 0, 0, []

    def same(self, what, expected, got, tolerance=TOLERANCE):
        """Numbers within the tolerance, nothing where nothing is said."""
        if expected is None or got is None:
            agree = expected is got
        else:
            agree = abs(expected - got) <= tolerance * max(1.0, abs(expected))
        self.equal += agree
        if not agree:
            self.found.append(f"{what}: peer {expected!r}, got {got!r}")

    def rows(self, what, expected, got):
        """Row by row; the limits of a share that is 0 or 1 are ours to say."""
        expected = list(expected)
        self.same(f"{what} rows", len(expected), len(got))
        for wanted, row in zip(expected, got):
            limits = wanted[-2:] if None not in wanted[-2:] else []
            for place, value in enumerate(wanted[:-2] + limits):
                self.same(f"{what} day {wanted[0]} column {place}", value, row[place])


def compare(cases, estimates):
    """Everything the program says of every sample."""
    comparison = Comparison()
    for sample, groups in cases.items():
        said = estimates[sample]
        peers = {group: Peer(rows) for group, rows in groups.items()}
        for group, peer in peers.items():
            what, got = f"{sample} {group}", said["groups"][group]
            comparison.rows(f"{what} kaplan_meier", peer.kaplan_meier(), got["kaplan_meier"])
            comparison.rows(f"{what} event", peer.incidence(1), got["event"])
            comparison.rows(f"{what} competing", peer.incidence(2), got["competing"])
            if not peer.on_the_half():
                for name, expected, value in zip(("day", "low", "high"), peer.median(), got["median"]):
                    comparison.same(f"{what} median {name}", expected, value)
            mean, variance = peer.restricted_mean(said["horizon"])
            comparison.same(f"{what} restricted mean", mean, got["restricted_mean"])
            comparison.same(f"{what} its variance", variance, got["restricted_variance"])
            comparison.same(f"{what} without", peer.mean_days_without(said["horizon"]), got["without"])
        a, b = (peers[group] for group in sorted(peers))
        test = logrank_test(a.days, b.days, a.codes == 1, b.codes == 1)
        if said["log_rank"] is None:
            # No day tells the groups apart; lifelines says nought or nothing.
            comparison.same(f"{sample} chi2", 0.0, float(np.nan_to_num(test.test_statistic)))
        else:
            comparison.same(f"{sample} chi2", float(test.test_statistic), said["log_rank"][0])
            comparison.same(f"{sample} p", float(test.p_value), said["log_rank"][1])
        expected = regression(groups) if said["cox"] is not None else None
        # Where the program says nothing there is no maximum, and lifelines stops somewhere on the way; it gives up, too,
        # where a covariate is constant in a stratum.
        if expected is not None:
            comparison.fitted += 1
            for name, expected, value in zip(("coefficient", "error", "p"), expected, said["cox"]):
                comparison.same(f"{sample} cox {name}", expected, value, COX_TOLERANCE)
    return comparison


def regression(groups):
    """Coefficient, standard error and p of the first group, stratified and adjusted as the program is asked to."""
    rows = [
        (days, end == "event", 1.0 - place, number % 3, number % 2)
        for place, group in enumerate(sorted(groups))
        for number, (days, end) in enumerate(groups[group])
    ]
    table = pd.DataFrame(rows, columns=["days", "end", "group", "other", "stratum"])
    try:
        fitted = CoxPHFitter().fit(table, "days", "end", strata=["stratum"], fit_options={"precision": 1e-9})
    except ConvergenceError:
        return None
    return [float(fitted.summary.loc["group", name]) for name in ("coef", "se(coef)", "p")]


def read(path):
    """The cases by sample and group."""
    cases = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            groups = cases.setdefault(row["sample"], {})
            groups.setdefault(row["group"], []).append((int(row["days"]), row["end"]))
    return cases


def main():
    """Reads the arguments, draws or compares."""
    warnings.simplefilter("ignore")
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = arguments.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("cases")
    drawing.add_argument("seed", type=int)
    drawing.add_argument("cases", type=Path)
    comparing = commands.add_parser("compare")
    comparing.add_argument("cases", type=Path)
    comparing.add_argument("estimates", type=Path)
    given = arguments.parse_args()
    if given.command == "cases":
        with given.cases.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["sample", "group", "days", "end"])
            writer.writerows(draw(given.seed))
        return
    comparison = compare(read(given.cases), json.loads(given.estimates.read_text(encoding="utf-8")))
    print(f"{comparison.equal} figures equal, {len(comparison.found)} not; {comparison.fitted} regressions")
    print("\n".join(comparison.found[:MOST_SHOWN]))
    sys.exit(1 if comparison.found or not comparison.equal or not comparison.fitted else 0)


if __name__ == "__main__":
    main()
