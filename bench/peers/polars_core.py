"""The clock of a stage and eight marts in Polars.

Spans of time are pairs of ordinals of working days, so that a union of spans is a running maximum.
"""

import polars as pl
from polars import col, lit, when

import rules

TYPES = {
    "text": pl.String,
    "number": pl.Float64,
    "integer": pl.Int64,
    "flag": pl.Boolean,
    "date": pl.Date,
    "time": pl.Datetime("us"),
}
IS_COUNTING = col("verdict").is_in(["admitted", "provisional"])


class Clock:
    """Expressions of working days and of what is known on the as-of day."""

    def __init__(self, job):
        calendar = rules.Calendar(job.calendar)
        self.first_day = calendar.FIRST
        self.ordinals = pl.Series(calendar.ordinals, dtype=pl.Int64)
        self.first_days = pl.Series(calendar.first_days, dtype=pl.Date)
        self.as_of = lit(job.as_of)

    def wd(self, day):
        """W of a day."""
        return lit(self.ordinals).gather((day - lit(self.first_day)).dt.total_days())

    def first(self, ordinal):
        """The first day that has an ordinal."""
        return lit(self.first_days).gather(ordinal)

    def known(self, moment):
        """The day of a moment; null after as-of."""
        day = col(moment).dt.date()
        return when(day <= self.as_of).then(day)


def read(job, table):
    """The needed columns of a CSV file."""
    columns = {column: TYPES[kind] for column, kind in rules.COLUMNS[table].items()}
    return pl.scan_csv(job.table(table), schema_overrides=columns).select(*columns)


def applications_of(job, clock):
    """Applications accepted by as-of, with their mode, end and due date."""
    totals = pl.LazyFrame(
        rules.total_limits(), schema=["min_kv", "max_kv", "new_feeder", "supply", "limit_wd"], orient="row"
    )
    is_large = (col("capacity_kva") >= rules.ORDER_FROM_KVA) | col("key_project").fill_null(False)
    energised, cancelled = clock.known("energised_at"), clock.known("cancelled_at")
    promised_order = (col("mode") == "order") & col("promised_on").is_not_null()
    return (
        read(job, "applications")
        .filter(col("accepted_at").dt.date() <= clock.as_of)
        .with_columns(
            col("supply").fill_null("single"),
            col("new_feeder").fill_null(False),
            col("mode").fill_null(when(is_large).then(lit("order")).otherwise(lit("conventional"))),
            accepted_on=col("accepted_at").dt.date(),
            # The end that comes first counts; on one day, the energisation.
            energised_on=when((cancelled < energised).fill_null(False)).then(None).otherwise(energised),
            cancelled_on=when((energised <= cancelled).fill_null(False)).then(None).otherwise(cancelled),
        )
        .join(totals, on=["new_feeder", "supply"], how="left")
        .with_columns(
            total_wd=when(col("voltage_kv").is_between(col("min_kv"), col("max_kv"))).then(col("limit_wd")),
        )
        .with_columns(
            due_on=when(promised_order)
            .then(col("promised_on"))
            .otherwise(clock.first(clock.wd(col("accepted_on")) + col("total_wd"))),
        )
        .select(
            "application_id", "bureau", "mode", "voltage_kv", "supply", "accepted_on", "promised_on", "energised_on",
            "cancelled_on", "due_on",
        )
    )  # fmt: skip


def passes_of(job, clock, applications):
    """Passes that had begun or were planned by as-of, with what their application says of them."""
    after_goal = rules.after_goal()
    bits = pl.LazyFrame(list(rules.stage_bits().items()), schema=["stage", "bit"], orient="row")
    limits = pl.LazyFrame(rules.stage_limits(), schema=["stage", "high", "supply", "standard_wd"], orient="row")
    own_end = col("begun_on").is_not_null() | col("stage").is_in(after_goal)
    return (
        read(job, "stages")
        .rename({"due_on": "given_due_on"})
        .with_columns(begun_on=clock.known("started_at"))
        .with_columns(done_on=when(col("begun_on").is_not_null()).then(clock.known("finished_at")))
        .filter(col("begun_on").is_not_null() | col("given_due_on").is_not_null())
        .join(applications.drop("promised_on", "due_on"), on="application_id")
        .with_columns(high=col("voltage_kv") >= 1)
        .join(bits, on="stage", how="left")
        .join(limits, on=["stage", "high", "supply"], how="left")
        .with_row_index("pass_id")
        .with_columns(
            # What is recorded as begun after a cancellation never ran.
            ran_from=when((col("begun_on") > col("cancelled_on")).fill_null(False)).then(None).otherwise("begun_on"),
            stops_on=when(own_end).then("cancelled_on").otherwise(pl.coalesce("energised_on", "cancelled_on")),
        )
        .drop("started_at", "finished_at", "supply", "high")
    )


def waited_for(late, passes):
    """Of each late pass: whether all that it waited for were done by its due date, and when the last was done."""
    ways = pl.LazyFrame(rules.ways_back(), schema=["stage", "before", "between"], orient="row")
    recorded = passes.group_by("application_id").agg(recorded=col("bit").bitwise_or())
    earlier = passes.select(
        "application_id",
        col("stage").alias("before"),
        col("begun_on").alias("earlier_begun_on"),
        col("done_on").alias("earlier_done_on"),
        col("given_due_on").alias("earlier_due_on"),
    )
    return (
        late.join(recorded, on="application_id")
        .join(ways, on="stage")
        .filter((col("recorded") & col("between")) == 0)
        .join(earlier, on=["application_id", "before"])
        .filter(col("earlier_due_on").is_not_null() | (col("earlier_begun_on") <= col("given_due_on")))
        .group_by("pass_id")
        .agg(
            all_done=(col("earlier_done_on") <= col("given_due_on")).fill_null(False).all(),
            last_done_on=col("earlier_done_on").max(),
        )
    )


def started(clock, passes):
    """Passes with a clock: one that did not begin by its due date runs from when it could have, or inherits a delay."""
    looked_at = pl.coalesce("ran_from", "stops_on", clock.as_of)
    late = passes.filter(clock.wd(col("given_due_on")) < clock.wd(looked_at))
    is_ready = col("is_late") & col("all_done").fill_null(True) & (col("accepted_on") <= col("given_due_on"))
    return (
        passes.join(late.select("pass_id", is_late=lit(True)), on="pass_id", how="left")
        .join(waited_for(late, passes), on="pass_id", how="left")
        .with_columns(col("is_late").fill_null(False))
        .with_columns(is_ready=is_ready)
        .with_columns(
            inherits=col("is_late") & ~col("is_ready"),
            clock_on=when("is_ready").then(pl.max_horizontal("accepted_on", "last_done_on")).otherwise("ran_from"),
            finished_on=when((col("done_on") > col("stops_on")).fill_null(False)).then(None).otherwise("done_on"),
            end_on=pl.coalesce(pl.min_horizontal("done_on", "stops_on"), clock.as_of),
        )
        .filter(col("clock_on").is_not_null())
    )


def clocked(clock, passes):
    """Passes with start, end, limit and gross time."""
    has_own_due = ~col("inherits") & col("given_due_on").is_not_null()
    planned_wd = clock.wd(col("given_due_on")) - clock.wd(col("planned_start_on"))
    return (
        started(clock, passes)
        .with_columns(
            start_wd=clock.wd(col("clock_on")),
            end_wd=clock.wd(col("end_on")),
            limit_wd=when(col("inherits") & col("planned_start_on").is_not_null())
            .then(pl.max_horizontal(planned_wd, 0))
            .when(has_own_due)
            .then(clock.wd(col("given_due_on")) - clock.wd(col("clock_on")))
            .otherwise("standard_wd"),
        )
        .with_columns(
            gross_wd=pl.max_horizontal(col("end_wd") - col("start_wd"), 0),
            due_on=when(has_own_due).then("given_due_on").otherwise(clock.first(col("start_wd") + col("limit_wd"))),
        )
    )


def claims_of(job, clock):
    """Claims that had begun by as-of, as spans of ordinals."""
    heard_on = pl.max_horizontal("began_on", "reported_on", clock.known("confirmed_at"))
    now_wd = clock.wd(clock.as_of)
    believed_wd = pl.min_horizontal(now_wd, clock.wd(heard_on) + rules.OPEN_CLAIM_WD)
    is_ruled_later = (col("ruled_at").dt.date() > clock.as_of).fill_null(False)
    return (
        read(job, "delays")
        .filter(col("began_at").dt.date() <= clock.as_of)
        .with_columns(
            began_on=col("began_at").dt.date(),
            reported_on=clock.known("reported_at"),
            # A ruling whose day lies after as-of does not exist yet.
            ruling=when(is_ruled_later).then(lit("pending")).otherwise(col("ruling").fill_null("pending")),
        )
        .with_columns(
            began_wd=clock.wd(col("began_on")),
            until_wd=pl.coalesce(
                clock.wd(clock.known("ended_at")),
                when(col("ruling") == "admitted").then(now_wd).otherwise(believed_wd),
            ),
        )
        .select("application_id", "cause", "ruling", "reported_on", "began_wd", "until_wd", claim_stage="stage")
    )


def judged(pairs):
    """Claims next to a pass or an application from `start_wd` to `end_wd`: their days inside it and the verdict."""
    is_late_report = col("reported_on").is_null() | (col("reported_on") > col("due_on")).fill_null(False)
    return pairs.with_columns(
        from_wd=pl.max_horizontal("began_wd", "start_wd"),
        to_wd=pl.min_horizontal("until_wd", "end_wd"),
    ).with_columns(claimed_wd=pl.max_horizontal(col("to_wd") - col("from_wd"), 0)).with_columns(
        # The first rule that applies.
        verdict=when(col("cause") != rules.EXCLUDABLE_CAUSE).then(lit("not_excludable"))
        .when(col("ruling") == "rejected").then(lit("rejected"))
        .when(is_late_report).then(lit("late_report"))
        .when(col("claimed_wd") == 0).then(lit("outside_stage"))
        .when(col("ruling") == "pending").then(lit("provisional"))
        .otherwise(lit("admitted")),
    )  # fmt: skip


def united(spans, of):
    """Spans in order, each with what it adds to the union of those of the same `of` that begin before it."""
    begins_wd = pl.max_horizontal("from_wd", col("to_wd").cum_max().shift(1).over(of))
    return (
        spans.sort(of, "from_wd", "to_wd")
        .with_columns(begins_wd=begins_wd)
        .with_columns(added_wd=pl.max_horizontal(col("to_wd") - col("begins_wd"), 0))
        .with_columns(before_wd=col("added_wd").cum_sum().over(of) - col("added_wd"))
    )


def excluded(pairs, verdicts, prefix):
    """Of each pass: the days that claims with these verdicts take out, and by how many of them a breach moves."""
    # A span pushes the breach out if the net days up to it are within the limit.
    pushes = col("begins_wd") - col("before_wd") - col("start_wd") <= col("limit_wd")
    return (
        united(pairs.filter(col("verdict").is_in(verdicts)), "pass_id")
        .group_by("pass_id")
        .agg(
            col("added_wd").sum().alias(f"{prefix}excluded_wd"),
            col("added_wd").filter(pushes).sum().alias(f"{prefix}pushed_wd"),
        )
    )


def settled_month(clock, net_wd, pushed_wd):
    """The month in which a pass ran out of time, else in which it finished."""
    # With a limit below zero the breach is on the first working day on or after the start.
    at_once = clock.wd(col("clock_on").dt.offset_by("-1d")) + 1
    breach_wd = when(col("limit_wd") < 0).then(at_once).otherwise(col("start_wd") + col("limit_wd") + 1 + pushed_wd)
    has_breached = (net_wd > col("limit_wd")) & (breach_wd <= col("end_wd"))
    settled_on = when(has_breached).then(clock.first(pl.min_horizontal(breach_wd, "end_wd"))).otherwise("finished_on")
    return when(col("limit_wd").is_not_null()).then(settled_on.dt.month_start())


def stages_of(clock, passes, pairs):
    """Passes with net time, verdicts, and the month in which they are settled, under both settings of `pending`."""
    net_wd, other_net_wd = (col("gross_wd") - col(f"{prefix}excluded_wd") for prefix in ("", "other_"))
    return (
        passes.join(excluded(pairs, ["admitted", "provisional"], ""), on="pass_id", how="left")
        .join(excluded(pairs, ["admitted"], "other_"), on="pass_id", how="left")
        .with_columns(col("excluded_wd", "pushed_wd", "other_excluded_wd", "other_pushed_wd").fill_null(0))
        .with_columns(
            provisional_wd=col("excluded_wd") - col("other_excluded_wd"),
            overdue_gross=col("gross_wd") > col("limit_wd"),
            overdue_net=net_wd > col("limit_wd"),
            other_overdue_net=other_net_wd > col("limit_wd"),
            over_wd=net_wd - col("limit_wd"),
            settled_month=settled_month(clock, net_wd, col("pushed_wd")),
            other_settled_month=settled_month(clock, other_net_wd, col("other_pushed_wd")),
        )
    )


def cycles_of(clock, applications, claims, pairs, stages):
    """Energised applications with their gross and net time."""
    energised = applications.filter(col("energised_on").is_not_null()).with_columns(
        start_wd=clock.wd(col("accepted_on")), end_wd=clock.wd(col("energised_on"))
    )
    named = pairs.filter(IS_COUNTING & col("claim_stage").is_not_null()).select("application_id", "from_wd", "to_wd")
    unnamed = judged(claims.filter(col("claim_stage").is_null()).join(energised, on="application_id"))
    spans = (
        pl.concat([named, unnamed.filter(IS_COUNTING).select("application_id", "from_wd", "to_wd")])
        .join(energised.select("application_id", "start_wd", "end_wd"), on="application_id")
        .with_columns(pl.max_horizontal("from_wd", "start_wd"), pl.min_horizontal("to_wd", "end_wd"))
    )
    taken_out = united(spans, "application_id").group_by("application_id").agg(excluded_wd=col("added_wd").sum())
    missed = stages.filter("overdue_net").select("application_id", all_met=lit(False)).unique()
    return (
        energised.join(taken_out, on="application_id", how="left")
        .join(missed, on="application_id", how="left")
        .with_columns(
            month=col("energised_on").dt.month_start(),
            calendar_days=(col("energised_on") - col("accepted_on")).dt.total_days(),
            gross_wd=col("end_wd") - col("start_wd"),
            net_wd=col("end_wd") - col("start_wd") - col("excluded_wd").fill_null(0),
            promised=col("promised_on").is_not_null(),
            promise_kept=col("energised_on") <= col("promised_on"),
            all_met=col("all_met").fill_null(True),
        )
    )


def callbacks_due(job, clock, applications):
    """Cases whose callback has fallen due, each with the first call that reached the customer."""
    connections = applications.filter(col("energised_on").is_not_null()).select(
        "bureau", kind=lit("connection"), subject_id="application_id", due_on=col("energised_on").dt.offset_by("1mo")
    )
    restored_on = clock.known("restored_at")
    faults = read(job, "faults").filter(restored_on.is_not_null()).select(
        "bureau",
        kind=lit("fault"),
        subject_id="fault_id",
        due_on=restored_on.dt.offset_by(f"{rules.FAULT_DAYS}d"),
    )  # fmt: skip
    is_reached = (col("outcome") == "reached") & (col("called_at").dt.date() <= clock.as_of)
    first_reached = read(job, "callbacks").filter(is_reached).sort("called_at", maintain_order=True).unique(
        ["kind", "subject_id"], keep="first", maintain_order=True
    )  # fmt: skip
    return (
        pl.concat([connections, faults])
        .filter(col("due_on") <= clock.as_of)
        .join(first_reached, on=["kind", "subject_id"], how="left")
        .with_columns(month=col("due_on").dt.month_start())
    )


# --- marts, §5 ---------------------------------------------------------------------------------------------


def overdue(stages, *grain):
    """Settled stages and how many of them are overdue."""
    return (
        stages.filter(col("settled_month").is_not_null())
        .group_by(*grain, month="settled_month")
        .agg(
            settled=pl.len(),
            overdue_gross=col("overdue_gross").sum(),
            overdue_net=col("overdue_net").sum(),
            rate_gross=col("overdue_gross").mean(),
            rate_net=col("overdue_net").mean(),
            excluded_wd=col("excluded_wd").sum(),
            provisional_wd=col("provisional_wd").sum(),
            mean_over_wd=col("over_wd").filter("overdue_net").mean(),
        )
    )


def stage_overdue(stages):
    """The mart `stage_overdue`."""
    counts = overdue(stages, "bureau", "department", "stage", "mode")
    return counts.with_columns(excused=col("overdue_gross").cast(pl.Int64) - col("overdue_net"))


def month_overdue(stages):
    """The mart `month_overdue`."""
    own = overdue(stages).select("month", "settled", "overdue_gross", "overdue_net", "rate_gross", "rate_net")
    other = (
        stages.filter(col("other_settled_month").is_not_null())
        .group_by(month="other_settled_month")
        .agg(
            other_settled=pl.len(),
            other_overdue_net=col("other_overdue_net").sum(),
            other_rate_net=col("other_overdue_net").mean(),
        )
    )
    counts = ["settled", "overdue_gross", "overdue_net", "other_settled", "other_overdue_net"]
    return own.join(other, on="month", how="full", coalesce=True).with_columns(col(*counts).fill_null(0))


def year_rates(stages):
    """Of each month, stage and mode: the net rate of all departments over the twelve months up to it."""
    cells = (
        stages.filter(col("settled_month").is_not_null())
        .group_by(month="settled_month", stage="stage", mode="mode")
        .agg(settled=pl.len().cast(pl.Int64), overdue=col("overdue_net").sum().cast(pl.Int64))
    )
    is_of_year = col("year_month").is_between(col("month").dt.offset_by("-11mo"), col("month"))
    return (
        cells.select("month", "stage", "mode")
        .join(cells.rename({"month": "year_month"}), on=["stage", "mode"])
        .filter(is_of_year)
        .group_by("month", "stage", "mode")
        .agg(rate=col("overdue").sum() / col("settled").sum())
    )


def department_month(stages):
    """The mart `department_month`, without the binomial tail."""
    expected = (
        stages.join(year_rates(stages), left_on=["settled_month", "stage", "mode"], right_on=["month", "stage", "mode"])
        .group_by(month="settled_month", department="department")
        .agg(expected=col("rate").sum())
    )
    z, n, p = rules.Z_975, col("settled"), col("rate_net")
    z2 = z * z / n
    centre = (p + z2 / 2) / (1 + z2)
    half = z * (p * (1 - p) / n + z2 / n / 4).sqrt() / (1 + z2)
    ranked = when(n >= rules.MIN_CASES).then(p)
    return (
        overdue(stages, "department")
        .drop("excluded_wd", "provisional_wd", "mean_over_wd")
        .join(expected, on=["month", "department"])
        .with_columns(
            wilson_low=when(col("overdue_net") == 0).then(0.0).otherwise(centre - half),
            wilson_high=when(col("overdue_net") == n).then(1.0).otherwise(centre + half),
            ratio=when(col("expected") > 0).then(col("overdue_net") / col("expected")),
            rank=ranked.rank("min").over("month"),
        )
    )


def cycle(cycles, *grain):
    """The marts `cycle` and `cycle_by_mode`."""
    return cycles.group_by("month", *grain).agg(
        completed=pl.len(),
        mean_calendar_days=col("calendar_days").mean(),
        mean_gross_wd=col("gross_wd").mean(),
        mean_net_wd=col("net_wd").mean(),
        p50_net_wd=col("net_wd").quantile(0.5, "linear"),
        p80_net_wd=col("net_wd").quantile(0.8, "linear"),
        p90_net_wd=col("net_wd").quantile(0.9, "linear"),
        promised=col("promised").sum(),
        promise_kept=col("promise_kept").sum(),
        promise_rate=col("promise_kept").mean(),
        all_met=col("all_met").sum(),
        all_met_rate=col("all_met").mean(),
    )


def callback(due):
    """The mart `callback`."""
    is_called, has_issue = col("called_at").is_not_null(), col("issue_category").is_not_null()
    is_on_time = (col("called_at").dt.date() <= col("due_on")).fill_null(False)
    return due.group_by("month", "bureau", "kind").agg(
        due=pl.len(),
        called=is_called.sum(),
        on_time=is_on_time.sum(),
        coverage=is_called.mean(),
        on_time_rate=is_on_time.mean(),
        scored=col("score").count(),
        satisfied=(col("score") >= 4).sum(),
        satisfaction_rate=(col("score") >= 4).mean(),
        mean_score=col("score").mean(),
        issues=has_issue.sum(),
        issues_verified=(has_issue & col("issue_verified")).sum(),
        designation_violations=(~col("free_choice")).sum(),
    )


def exclusion(pairs):
    """The mart `exclusion`."""
    return pairs.group_by("department", "stage", "cause", "verdict").agg(
        claims=pl.len(),
        claimed_wd=col("claimed_wd").sum(),
        admitted_wd=col("claimed_wd").filter(IS_COUNTING).sum(),
    )


def main():
    """Reads, clocks, and writes mart after mart."""
    job = rules.job(__doc__)
    clock = Clock(job)
    applications = applications_of(job, clock).collect()
    passes = clocked(clock, passes_of(job, clock, applications.lazy()).collect().lazy()).collect()
    claims = claims_of(job, clock).collect()
    pairs = judged(passes.lazy().join(claims.lazy(), on="application_id"))
    is_about = (col("claim_stage") == col("stage")) | (col("claim_stage").is_null() & (col("claimed_wd") > 0))
    pairs = pairs.filter(is_about).collect()
    stages = stages_of(clock, passes.lazy(), pairs.lazy()).collect()
    cycles = cycles_of(clock, applications.lazy(), claims.lazy(), pairs.lazy(), stages.lazy())
    marts = {
        "stage_overdue": stage_overdue(stages.lazy()),
        "department_stage": overdue(stages.lazy(), "department", "stage"),
        "month_overdue": month_overdue(stages.lazy()),
        "department_month": department_month(stages.lazy()),
        "cycle": cycle(cycles, "bureau", "mode", "voltage_kv"),
        "cycle_by_mode": cycle(cycles, "mode"),
        "callback": callback(callbacks_due(job, clock, applications.lazy())),
        "exclusion": exclusion(pairs.lazy()),
    }
    for name, frame in zip(marts, pl.collect_all(marts.values())):
        frame.write_parquet(job.mart(name))


if __name__ == "__main__":
    main()
