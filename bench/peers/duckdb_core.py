"""The clock of a stage and ten marts in DuckDB's SQL.

Spans of time are pairs of ordinals of working days, so that a union of spans is a running maximum.
"""

import duckdb

import rules

TYPES = {
    "text": "varchar",
    "number": "double",
    "integer": "bigint",
    "flag": "boolean",
    "date": "date",
    "time": "timestamp",
}


def read_rules(db, job):
    """What does not depend on the data, as variables, macros and tables."""
    calendar = rules.Calendar(job.calendar)
    db.execute("set variable as_of = $1::date", [job.as_of])
    db.execute("set variable first_day = $1::date", [calendar.FIRST])
    db.execute("set variable ordinals = $1::bigint[]", [calendar.ordinals])
    db.execute("set variable first_days = $1::date[]", [calendar.first_days])
    db.execute("""
        create macro wd(day) as getvariable('ordinals')[date_diff('day', getvariable('first_day'), day) + 1];
        create macro first_day(ordinal) as getvariable('first_days')[ordinal + 1];
        create macro known(moment) as case when moment::date <= getvariable('as_of') then moment::date end;
        create table stage_limits (stage varchar, high boolean, supply varchar, limit_wd bigint);
        create table total_limits (min_kv double, max_kv double, new_feeder boolean, supply varchar, limit_wd bigint);
        create table ways_back (stage varchar, before varchar, between_them bigint);
        create table stage_bits (stage varchar, bit bigint, after_goal boolean);
    """)
    after_goal = rules.after_goal()
    bits = [(stage, bit, stage in after_goal) for stage, bit in rules.stage_bits().items()]
    db.executemany("insert into stage_limits values (?, ?, ?, ?)", rules.stage_limits())
    db.executemany("insert into total_limits values (?, ?, ?, ?, ?)", rules.total_limits())
    db.executemany("insert into ways_back values (?, ?, ?)", rules.ways_back())
    db.executemany("insert into stage_bits values (?, ?, ?)", bits)


def read_tables(db, job):
    """A view of each CSV file, with the columns that are needed."""
    for table, columns in rules.COLUMNS.items():
        types = {column: TYPES[kind] for column, kind in columns.items()}
        db.execute(f"""
            create view given_{table} as
            select {", ".join(columns)} from read_csv('{job.table(table)}', types = {types})
        """)


APPLICATIONS = """
create table applications as
with known as (
    select
        application_id,
        bureau,
        voltage_kv,
        capacity_kva,
        coalesce(supply, 'single') as supply,
        coalesce(new_feeder, false) as new_feeder,
        coalesce(
            mode,
            if(capacity_kva >= $order_from_kva or coalesce(key_project, false), 'order', 'conventional')
        ) as mode,
        accepted_at::date as accepted_on,
        promised_on,
        known(energised_at) as energised_on,
        known(cancelled_at) as cancelled_on,
    from given_applications
    where accepted_at::date <= getvariable('as_of')
),

-- The end that comes first counts; on one day, the energisation.
ended as (
    select * replace (
        if(cancelled_on < energised_on, null, energised_on) as energised_on,
        if(energised_on <= cancelled_on, null, cancelled_on) as cancelled_on,
    )
    from known
)

select
    ended.*,
    case
        when mode = 'order' and promised_on is not null then promised_on
        else first_day(wd(accepted_on) + limit_wd)
    end as due_on,
from ended
left join total_limits
    on voltage_kv between min_kv and max_kv
    and ended.new_feeder = total_limits.new_feeder
    and ended.supply = total_limits.supply
"""

PASSES = """
create table passes as
with known as (
    select
        row_number() over () as pass_id,
        application_id,
        stage,
        department,
        handler,
        known(started_at) as begun_on,
        if(known(started_at) is null, null, known(finished_at)) as done_on,
        due_on as given_due_on,
        planned_start_on,
    from given_stages
)

select
    known.*,
    bureau,
    mode,
    accepted_on,
    -- What is recorded as begun after a cancellation never ran.
    if(begun_on > cancelled_on, null, begun_on) as ran_from,
    if(begun_on is not null or after_goal, cancelled_on, coalesce(energised_on, cancelled_on)) as stops_on,
    bit,
    bit_or(bit) over (partition by application_id) as recorded,
    stage_limits.limit_wd as standard_wd,
from known
inner join applications using (application_id)
left join stage_bits using (stage)
left join stage_limits using (stage, supply)
where (begun_on is not null or given_due_on is not null) and coalesce(high = (voltage_kv >= 1), true)
"""

# A pass that did not begin by its due date: the clock runs from when it could have begun, or the delay is inherited.
STARTS = """
create table starts as
with late as (
    select *
    from passes
    where wd(given_due_on) < wd(coalesce(ran_from, stops_on, getvariable('as_of')))
),

waited_for as (
    select
        late.pass_id,
        bool_and(coalesce(earlier.done_on <= late.given_due_on, false)) as all_done,
        max(earlier.done_on) as last_done_on,
    from late
    inner join ways_back on late.stage = ways_back.stage and late.recorded & between_them = 0
    inner join passes as earlier on late.application_id = earlier.application_id and before = earlier.stage
    where earlier.given_due_on is not null or earlier.begun_on <= late.given_due_on
    group by late.pass_id
),

judged as (
    select
        passes.*,
        late.pass_id is not null as is_late,
        is_late and coalesce(all_done, true) and passes.accepted_on <= passes.given_due_on as is_ready,
        greatest(passes.accepted_on, last_done_on) as ready_on,
    from passes
    left join late using (pass_id)
    left join waited_for using (pass_id)
)

select
    * exclude (done_on),
    is_late and not is_ready as inherits,
    if(is_ready, ready_on, ran_from) as clock_on,
    if(done_on > stops_on, null, done_on) as finished_on,
    coalesce(least(done_on, stops_on), getvariable('as_of')) as end_on,
from judged
where clock_on is not null
"""

CLOCKED = """
create table clocked as
with limited as (
    select
        *,
        case
            when inherits and planned_start_on is not null then greatest(0, wd(given_due_on) - wd(planned_start_on))
            when inherits or given_due_on is null then standard_wd
            else wd(given_due_on) - wd(clock_on)
        end as limit_wd,
    from starts
)

select
    *,
    wd(clock_on) as start_wd,
    wd(end_on) as end_wd,
    greatest(0, end_wd - start_wd) as gross_wd,
    if(inherits or given_due_on is null, first_day(start_wd + limit_wd), given_due_on) as due_on,
from limited
"""

CLAIMS = """
create table claims as
with known as (
    select
        row_number() over () as claim_id,
        application_id,
        stage,
        cause,
        wd(began_at::date) as began_wd,
        wd(known(ended_at)) as ended_wd,
        known(reported_at) as reported_on,
        -- A ruling whose day lies after as-of does not exist yet.
        if(ruled_at::date > getvariable('as_of'), 'pending', coalesce(ruling, 'pending')) as ruling,
        wd(greatest(began_at::date, known(reported_at), known(confirmed_at))) as heard_wd,
    from given_delays
    where began_at::date <= getvariable('as_of')
)

select
    *,
    wd(getvariable('as_of')) as now_wd,
    coalesce(ended_wd, if(ruling = 'admitted', now_wd, least(now_wd, heard_wd + $open_claim_wd))) as until_wd,
from known
"""

# The first rule that applies; `due_on` is that of the pass or of the application.
VERDICTS = """
create macro verdict(cause, ruling, reported_on, due_on, claimed_wd) as case
    when cause <> $excludable_cause then 'not_excludable'
    when ruling = 'rejected' then 'rejected'
    when reported_on is null or reported_on > due_on then 'late_report'
    when claimed_wd = 0 then 'outside_stage'
    when ruling = 'pending' then 'provisional'
    else 'admitted'
end
"""

PAIRS = """
create table pairs as
select
    pass_id,
    claims.stage is not null as is_named,
    clocked.application_id,
    clocked.stage,
    department,
    cause,
    greatest(began_wd, start_wd) as from_wd,
    least(until_wd, end_wd) as to_wd,
    greatest(0, to_wd - from_wd) as claimed_wd,
    verdict(cause, ruling, reported_on, due_on, claimed_wd) as verdict,
from clocked
inner join claims using (application_id)
where claims.stage = clocked.stage or (claims.stage is null and claimed_wd > 0)
"""

# The same under both settings of `pending`: `admit`, which counts, and `refuse`, which month_overdue shows next to it.
EXCLUDED = """
create table excluded as
with counting as (
    select 'admit' as pending, * from pairs where verdict in ('admitted', 'provisional')
    union all
    select 'refuse' as pending, * from pairs where verdict = 'admitted'
),

-- What a span adds to the union of those that begin before it.
added as (
    select
        pending,
        pass_id,
        greatest(from_wd, max(to_wd) over earlier) as begins_wd,
        greatest(0, to_wd - begins_wd) as added_wd,
        from_wd,
        to_wd,
    from counting
    window earlier as (
        partition by pending, pass_id order by from_wd, to_wd rows between unbounded preceding and 1 preceding
    )
),

summed as (
    select
        *,
        coalesce(sum(added_wd) over earlier, 0) as before_wd,
    from added
    window earlier as (
        partition by pending, pass_id order by from_wd, to_wd rows between unbounded preceding and 1 preceding
    )
)

-- A span pushes the breach out if the net days up to it are within the limit.
select
    pending,
    pass_id,
    sum(added_wd)::bigint as excluded_wd,
    coalesce(sum(added_wd) filter (begins_wd - before_wd - start_wd <= limit_wd), 0)::bigint as pushed_wd,
from summed
inner join clocked using (pass_id)
group by pending, pass_id
"""

STAGES = """
create table stages as
with netted as (
    select
        clocked.*,
        coalesce(admit.excluded_wd, 0) as excluded_wd,
        coalesce(admit.excluded_wd, 0) - coalesce(refuse.excluded_wd, 0) as provisional_wd,
        gross_wd - coalesce(admit.excluded_wd, 0) as net_wd,
        gross_wd - coalesce(refuse.excluded_wd, 0) as other_net_wd,
        -- With a limit below zero it is the first working day on or after the start.
        if(limit_wd < 0, wd(clock_on - 1), start_wd + limit_wd) + 1 as first_wd,
        first_wd + if(limit_wd < 0, 0, coalesce(admit.pushed_wd, 0)) as breach_wd,
        first_wd + if(limit_wd < 0, 0, coalesce(refuse.pushed_wd, 0)) as other_breach_wd,
    from clocked
    left join excluded as admit on clocked.pass_id = admit.pass_id and admit.pending = 'admit'
    left join excluded as refuse on clocked.pass_id = refuse.pass_id and refuse.pending = 'refuse'
)

select
    *,
    gross_wd > limit_wd as overdue_gross,
    net_wd > limit_wd as overdue_net,
    other_net_wd > limit_wd as other_overdue_net,
    if(overdue_net, net_wd - limit_wd, null) as overdue_wd,
    date_trunc('month', case
        when overdue_net and breach_wd <= end_wd then first_day(breach_wd)
        when limit_wd is not null then finished_on
    end)::date as settled_month,
    date_trunc('month', case
        when other_overdue_net and other_breach_wd <= end_wd then first_day(other_breach_wd)
        when limit_wd is not null then finished_on
    end)::date as other_settled_month,
from netted
"""

CYCLES = """
create table cycles as
with windows as (
    select
        *,
        wd(accepted_on) as start_wd,
        wd(energised_on) as end_wd,
    from applications
    where energised_on is not null
),

spans as (
    select
        application_id,
        greatest(from_wd, start_wd) as from_wd,
        least(to_wd, end_wd) as to_wd,
    from pairs
    inner join windows using (application_id)
    where is_named and verdict in ('admitted', 'provisional')
    union all
    select
        application_id,
        greatest(began_wd, start_wd) as from_wd,
        least(until_wd, end_wd) as to_wd,
    from claims
    inner join windows using (application_id)
    where
        claims.stage is null
        and verdict(cause, ruling, reported_on, due_on, greatest(0, to_wd - from_wd)) in ('admitted', 'provisional')
),

added as (
    select
        application_id,
        greatest(0, to_wd - greatest(from_wd, max(to_wd) over earlier)) as added_wd,
    from spans
    window earlier as (
        partition by application_id order by from_wd, to_wd rows between unbounded preceding and 1 preceding
    )
),

excluded as (
    select
        application_id,
        sum(added_wd)::bigint as excluded_wd,
    from added
    group by application_id
),

missed as (
    select distinct application_id
    from stages
    where overdue_net
)

select
    date_trunc('month', energised_on)::date as month,
    bureau,
    mode,
    voltage_kv,
    energised_on - accepted_on as calendar_days,
    end_wd - start_wd as gross_wd,
    end_wd - start_wd - coalesce(excluded_wd, 0) as net_wd,
    promised_on is not null as promised,
    energised_on <= promised_on as promise_kept,
    missed.application_id is null as all_met,
from windows
left join excluded using (application_id)
left join missed using (application_id)
"""

CALLBACKS_DUE = """
create table callbacks_due as
with subjects as (
    select
        'connection' as kind,
        application_id as subject_id,
        bureau,
        (energised_on + interval 1 month)::date as due_on,
    from applications
    where energised_on is not null
    union all
    select
        'fault' as kind,
        fault_id as subject_id,
        bureau,
        known(restored_at) + $fault_days as due_on,
    from given_faults
    where known(restored_at) is not null
),

first_reached as (
    select
        kind,
        subject_id,
        arg_min({
            called_on: called_at::date,
            score: score,
            free_choice: free_choice,
            has_issue: issue_category is not null,
            is_verified: issue_verified
        }, called_at) as call,
    from given_callbacks
    where outcome = 'reached' and called_at::date <= getvariable('as_of')
    group by kind, subject_id
)

select
    date_trunc('month', due_on)::date as month,
    bureau,
    kind,
    due_on,
    call,
from subjects
left join first_reached using (kind, subject_id)
where due_on <= getvariable('as_of')
"""

OVERDUE = """
    count(*) as settled,
    count(*) filter (overdue_gross) as overdue_gross,
    count(*) filter (overdue_net) as overdue_net,
    avg(overdue_gross::integer) as rate_gross,
    avg(overdue_net::integer) as rate_net,
    sum(excluded_wd)::bigint as excluded_wd,
    sum(provisional_wd)::bigint as provisional_wd,
    avg(overdue_wd) as mean_over_wd
"""

CYCLE = """
    count(*) as completed,
    avg(calendar_days) as mean_calendar_days,
    avg(gross_wd) as mean_gross_wd,
    avg(net_wd) as mean_net_wd,
    quantile_cont(net_wd, 0.5) as p50_net_wd,
    quantile_cont(net_wd, 0.8) as p80_net_wd,
    quantile_cont(net_wd, 0.9) as p90_net_wd,
    count(*) filter (promised) as promised,
    count(*) filter (promise_kept) as promise_kept,
    avg(promise_kept::integer) as promise_rate,
    count(*) filter (all_met) as all_met,
    avg(all_met::integer) as all_met_rate
"""

MARTS = {
    "stage_overdue": f"""
        select
            settled_month as month,
            bureau,
            department,
            stage,
            mode,
            {OVERDUE},
            count(*) filter (overdue_gross) - count(*) filter (overdue_net) as excused,
        from stages
        where settled_month is not null
        group by all
    """,
    "department_stage": f"""
        select settled_month as month, department, stage, {OVERDUE}
        from stages
        where settled_month is not null
        group by all
    """,
    "month_overdue": """
        with judged as (
            select settled_month as month, true as is_own, overdue_gross, overdue_net
            from stages
            union all
            select other_settled_month, false, false, other_overdue_net
            from stages
        )

        select
            month,
            count(*) filter (is_own) as settled,
            count(*) filter (is_own and overdue_gross) as overdue_gross,
            count(*) filter (is_own and overdue_net) as overdue_net,
            avg(overdue_gross::integer) filter (is_own) as rate_gross,
            avg(overdue_net::integer) filter (is_own) as rate_net,
            count(*) filter (not is_own) as other_settled,
            count(*) filter (not is_own and overdue_net) as other_overdue_net,
            avg(overdue_net::integer) filter (not is_own) as other_rate_net,
        from judged
        where month is not null
        group by month
    """,
    "department_month": """
        with cells as (
            select settled_month as month, stage, mode, count(*) as settled, count(*) filter (overdue_net) as overdue
            from stages
            where settled_month is not null
            group by all
        ),

        -- The rate of all departments for a stage and mode over the twelve months up to each month.
        years as (
            select
                cells.month,
                cells.stage,
                cells.mode,
                sum(year.overdue) / sum(year.settled) as rate,
            from cells
            inner join cells as year
                on cells.stage = year.stage
                and cells.mode = year.mode
                and year.month between cells.month - interval 11 month and cells.month
            group by all
        ),

        counted as (
            select
                settled_month as month,
                department,
                count(*) as settled,
                count(*) filter (overdue_gross) as overdue_gross,
                count(*) filter (overdue_net) as overdue_net,
                avg(overdue_gross::integer) as rate_gross,
                avg(overdue_net::integer) as rate_net,
                sum(rate) as expected,
            from stages
            inner join years on settled_month = years.month and stages.stage = years.stage and stages.mode = years.mode
            group by all
        ),

        intervals as (
            select
                *,
                $z * $z / settled as z2,
                (rate_net + z2 / 2) / (1 + z2) as centre,
                $z * sqrt(rate_net * (1 - rate_net) / settled + z2 / settled / 4) / (1 + z2) as half,
            from counted
        )

        select
            month,
            department,
            settled,
            overdue_gross,
            overdue_net,
            rate_gross,
            rate_net,
            if(overdue_net = 0, 0, centre - half) as wilson_low,
            if(overdue_net = settled, 1, centre + half) as wilson_high,
            expected,
            overdue_net / nullif(expected, 0) as ratio,
            if(
                settled >= $min_cases,
                rank() over (partition by month, settled >= $min_cases order by rate_net),
                null
            ) as rank,
        from intervals
    """,
    "handler": """
        with cases as (
            select settled_month as month, department, handler, overdue_net, net_wd, true as is_settled
            from stages
            where settled_month is not null
            union all
            select date_trunc('month', getvariable('as_of'))::date, department, handler, false, null, false
            from stages
            where finished_on is null and ran_from is not null and stops_on is null
        )

        select
            month,
            department,
            handler,
            count(*) filter (is_settled) as settled,
            count(*) filter (overdue_net) as overdue_net,
            avg(overdue_net::integer) filter (is_settled) as rate_net,
            quantile_cont(net_wd, 0.5) as p50_net_wd,
            count(*) filter (not is_settled) as open_now,
        from cases
        where handler is not null
        group by all
    """,
    "cycle": f"select month, bureau, mode, voltage_kv, {CYCLE} from cycles group by all",
    "cycle_by_mode": f"select month, mode, {CYCLE} from cycles group by all",
    "callback": """
        select
            month,
            bureau,
            kind,
            count(*) as due,
            count(call) as called,
            count(*) filter (call.called_on <= due_on) as on_time,
            called / due as coverage,
            on_time / due as on_time_rate,
            count(call.score) as scored,
            count(*) filter (call.score >= 4) as satisfied,
            satisfied / nullif(scored, 0) as satisfaction_rate,
            avg(call.score) as mean_score,
            count(*) filter (call.has_issue) as issues,
            count(*) filter (call.has_issue and call.is_verified) as issues_verified,
            count(*) filter (not call.free_choice) as designation_violations,
        from callbacks_due
        group by all
    """,
    "exclusion": """
        select
            department,
            stage,
            cause,
            verdict,
            count(*) as claims,
            sum(claimed_wd)::bigint as claimed_wd,
            sum(if(verdict in ('admitted', 'provisional'), claimed_wd, 0))::bigint as admitted_wd,
        from pairs
        group by all
    """,
    "volume_month": """
        with months as (
            select unnest(generate_series(
                (select date_trunc('month', min(accepted_on)) from applications),
                date_trunc('month', getvariable('as_of')),
                interval 1 month
            ))::date as month
        ),

        lives as (
            select
                date_trunc('month', accepted_on)::date as accepted_month,
                date_trunc('month', energised_on)::date as energised_month,
                date_trunc('month', cancelled_on)::date as cancelled_month,
                coalesce(energised_month, cancelled_month, 'infinity') as ended_month,
                count(*) as lives,
                sum(capacity_kva) as kva,
            from applications
            group by all
        )

        select
            month,
            coalesce(sum(lives) filter (accepted_month = month), 0)::bigint as accepted,
            coalesce(sum(kva) filter (accepted_month = month), 0) as accepted_kva,
            coalesce(sum(lives) filter (energised_month = month), 0)::bigint as energised,
            coalesce(sum(kva) filter (energised_month = month), 0) as energised_kva,
            coalesce(sum(lives) filter (cancelled_month = month), 0)::bigint as cancelled,
            coalesce(sum(kva) filter (cancelled_month = month), 0) as cancelled_kva,
            coalesce(sum(lives) filter (ended_month > month), 0)::bigint as open_end,
            coalesce(sum(kva) filter (ended_month > month), 0) as open_kva,
            sum(lives)::bigint as accepted_total,
            coalesce(sum(lives) filter (energised_month <= month), 0)::bigint as energised_total,
            coalesce(sum(lives) filter (cancelled_month <= month), 0)::bigint as cancelled_total,
        from months
        inner join lives on accepted_month <= month
        group by month
    """,
}

SETTINGS = {
    "excludable_cause": f"'{rules.EXCLUDABLE_CAUSE}'",
    "open_claim_wd": rules.OPEN_CLAIM_WD,
    "fault_days": rules.FAULT_DAYS,
    "min_cases": rules.MIN_CASES,
    "order_from_kva": rules.ORDER_FROM_KVA,
    "z": rules.Z_975,
}


def with_settings(query):
    """The query with its settings written out: a macro and `create table` take no parameters."""
    for name, value in SETTINGS.items():
        query = query.replace(f"${name}", str(value))
    return query


def main():
    """Reads, clocks, and writes mart after mart."""
    job = rules.job(__doc__)
    db = duckdb.connect()
    read_rules(db, job)
    read_tables(db, job)
    for query in (
        APPLICATIONS,
        PASSES,
        STARTS,
        CLOCKED,
        CLAIMS,
        VERDICTS,
        PAIRS,
        EXCLUDED,
        STAGES,
        CYCLES,
        CALLBACKS_DUE,
    ):
        db.execute(with_settings(query))
    for name, query in MARTS.items():
        db.execute(f"copy ({with_settings(query)}) to '{job.mart(name)}' (format parquet)")


if __name__ == "__main__":
    main()
