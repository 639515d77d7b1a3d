-- What became of replayed forecasts: of all together, and of the tenth of each.
with replays as (
    select
        1 as k,
        cast(count(*) as double) as n,
        cast(sum(case when on_time then 1 else 0 end) as double) as kept,
        cast(
            sum(
                case
                    when on_time then (1000000 - on_time_ppm) * (1000000 - on_time_ppm)
                    else on_time_ppm * on_time_ppm
                end
            ) as double
        ) as square_e12
    from backtest
    where on_time is not null and p_on_time is not null
),

bands as (
    select
        band,
        count(*) as replayed,
        cast(count(*) as double) as n,
        cast(sum(case when on_time then 1 else 0 end) as double) as kept,
        cast(sum(on_time_ppm) as double) as ppm
    from backtest
    where on_time is not null and p_on_time is not null
    group by band
),

chances as (
    select
        1 as k,
        application_id,
        p_on_time,
        band
    from forecasts
),

-- Better than the mean on-time rate, and the mean forecast of the tenth in the Wilson interval of what was on time: both
-- multiplied out, the first is brier < rate × (1 − rate), the second n × (kept − mean × n)² ≤ z² × …
earned as (
    select
        chances.application_id as application_id,
        chances.p_on_time as p_on_time
    from chances
    inner join bands on chances.band = bands.band
    inner join replays on chances.k = replays.k
    where
        bands.replayed >= 30
        and replays.square_e12 * replays.n < 1000000000000.0 * replays.kept * (replays.n - replays.kept)
        and bands.n * (1000000.0 * bands.kept - bands.ppm) * (1000000.0 * bands.kept - bands.ppm)
        <= 3.841458820694124 * bands.ppm * (1000000.0 * bands.n - bands.ppm)
),

-- What the reminders list is due already, and no early warning.
running as (
    select
        1 as k,
        application_id,
        stage,
        pass,
        department,
        bureau,
        manager_id,
        effective_due_on,
        remaining_wd,
        due_in_wd,
        net_wd,
        limit_wd
    from stages
    where state = 'open' and limit_wd > 0 and not overdue_net
),

waiting as (
    select
        1 as k,
        application_id,
        bureau,
        manager_id,
        current_stage,
        current_department,
        effective_due_on,
        remaining_wd,
        net_wd,
        next_rise_on,
        next_rise_in_wd
    from applications
    where state = 'open'
),

believed as (
    select
        1 as k,
        application_id,
        manager_id,
        stage,
        pass,
        department,
        sequence,
        lapses_on,
        lapses_in_wd
    from claims
    where verdict = 'provisional' and lapses_in_wd >= 0 and pass_is_open
    union all
    select
        1 as k,
        application_id,
        manager_id,
        stage,
        pass,
        department,
        sequence,
        lapses_on,
        lapses_in_wd
    from application_claims
    where verdict = 'provisional' and lapses_in_wd >= 0
),

to_call as (
    select
        1 as k,
        kind,
        subject_id,
        bureau,
        manager_id,
        due_on,
        due_in_wd
    from callbacks_to_come
)

select
    'stage' as kind,
    running.application_id as case_id,
    running.stage as stage,
    running.pass as pass,
    cast(null as bigint) as claim,
    running.bureau as bureau,
    running.department as department,
    running.manager_id as manager_id,
    running.effective_due_on as due_on,
    running.remaining_wd as left_wd,
    running.net_wd as used_wd,
    running.limit_wd as limit_wd,
    cast(null as double) as p_on_time
from running
inner join params on running.k = params.k
where
    running.net_wd * 1000 >= params.warn_elapsed_milli * running.limit_wd
    and running.remaining_wd > params.remind_wd
    and running.due_in_wd > params.remind_wd
union all
select
    'total' as kind,
    waiting.application_id as case_id,
    waiting.current_stage as stage,
    cast(null as bigint) as pass,
    cast(null as bigint) as claim,
    waiting.bureau as bureau,
    waiting.current_department as department,
    waiting.manager_id as manager_id,
    waiting.effective_due_on as due_on,
    waiting.remaining_wd as left_wd,
    waiting.net_wd as used_wd,
    waiting.net_wd + waiting.remaining_wd as limit_wd,
    cast(null as double) as p_on_time
from waiting
inner join params on waiting.k = params.k
where
    waiting.remaining_wd >= 0
    and waiting.net_wd * 1000 >= params.warn_elapsed_milli * (waiting.net_wd + waiting.remaining_wd)
union all
select
    'forecast' as kind,
    waiting.application_id as case_id,
    waiting.current_stage as stage,
    cast(null as bigint) as pass,
    cast(null as bigint) as claim,
    waiting.bureau as bureau,
    waiting.current_department as department,
    waiting.manager_id as manager_id,
    waiting.effective_due_on as due_on,
    waiting.remaining_wd as left_wd,
    waiting.net_wd as used_wd,
    waiting.net_wd + waiting.remaining_wd as limit_wd,
    earned.p_on_time as p_on_time
from waiting
inner join params on waiting.k = params.k
inner join earned on waiting.application_id = earned.application_id
where waiting.remaining_wd >= 0 and earned.p_on_time < params.warn_p_on_time
union all
select
    'claim' as kind,
    believed.application_id as case_id,
    believed.stage as stage,
    believed.pass as pass,
    believed.sequence as claim,
    waiting.bureau as bureau,
    believed.department as department,
    believed.manager_id as manager_id,
    believed.lapses_on as due_on,
    believed.lapses_in_wd as left_wd,
    cast(null as bigint) as used_wd,
    cast(null as bigint) as limit_wd,
    cast(null as double) as p_on_time
from believed
inner join waiting on believed.application_id = waiting.application_id
inner join params on believed.k = params.k
where believed.lapses_in_wd <= params.warn_wd
union all
select
    'callback' as kind,
    to_call.subject_id as case_id,
    cast(null as varchar) as stage,
    cast(null as bigint) as pass,
    cast(null as bigint) as claim,
    to_call.bureau as bureau,
    cast(null as varchar) as department,
    to_call.manager_id as manager_id,
    to_call.due_on as due_on,
    to_call.due_in_wd as left_wd,
    cast(null as bigint) as used_wd,
    cast(null as bigint) as limit_wd,
    cast(null as double) as p_on_time
from to_call
inner join params on to_call.k = params.k
where to_call.due_in_wd <= params.warn_wd
union all
select
    'owner' as kind,
    waiting.application_id as case_id,
    waiting.current_stage as stage,
    cast(null as bigint) as pass,
    cast(null as bigint) as claim,
    waiting.bureau as bureau,
    waiting.current_department as department,
    waiting.manager_id as manager_id,
    waiting.next_rise_on as due_on,
    waiting.next_rise_in_wd as left_wd,
    cast(null as bigint) as used_wd,
    cast(null as bigint) as limit_wd,
    cast(null as double) as p_on_time
from waiting
inner join params on waiting.k = params.k
where waiting.next_rise_in_wd <= params.warn_wd
