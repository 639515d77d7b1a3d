with decided as (
    select
        mode,
        stage,
        replayed_on,
        application_id,
        cast(1 as bigint) as replayed,
        cast(case when on_time then 1 else 0 end as bigint) as on_time,
        -- In whole units of 10⁻¹², which add up in any order.
        case
            when on_time then (1000000 - on_time_ppm) * (1000000 - on_time_ppm)
            else on_time_ppm * on_time_ppm
        end as square_e12,
        cast(case when p50_error_days is not null then 1 else 0 end as bigint) as dated,
        p50_error_days,
        due_error_days,
        mean_error_days,
        cast(case when within_p80 is not null then 1 else 0 end as bigint) as p80_decided,
        cast(case when within_p80 then 1 else 0 end as bigint) as within_p80
    from backtest
    where on_time is not null and p_on_time is not null
),

cases as (
    select
        'all' as scope,
        cast(null as varchar) as mode,
        cast(null as varchar) as stage,
        replayed_on,
        application_id,
        replayed,
        on_time,
        square_e12,
        cast(square_e12 as double) / 1000000000000.0 as square,
        dated,
        p50_error_days,
        due_error_days,
        mean_error_days,
        p80_decided,
        within_p80
    from decided
    union all
    select
        'mode' as scope,
        mode,
        cast(null as varchar) as stage,
        replayed_on,
        application_id,
        replayed,
        on_time,
        square_e12,
        cast(square_e12 as double) / 1000000000000.0 as square,
        dated,
        p50_error_days,
        due_error_days,
        mean_error_days,
        p80_decided,
        within_p80
    from decided
    union all
    select
        case when stage is null then 'no_stage' else 'stage' end as scope,
        cast(null as varchar) as mode,
        stage,
        replayed_on,
        application_id,
        replayed,
        on_time,
        square_e12,
        cast(square_e12 as double) / 1000000000000.0 as square,
        dated,
        p50_error_days,
        due_error_days,
        mean_error_days,
        p80_decided,
        within_p80
    from decided
),

sums as (
    select
        scope,
        mode,
        stage,
        sum(replayed) as replayed,
        count(distinct application_id) as applications,
        sum(on_time) as on_time,
        cast(sum(on_time) as double) / sum(replayed) as on_time_rate,
        cast(sum(square_e12) as double) / 1000000000000.0 / sum(replayed) as brier,
        sum(dated) as dated,
        cast(sum(p50_error_days) as double) / nullif(sum(dated), 0) as p50_error_days,
        cast(sum(due_error_days) as double) / nullif(sum(dated), 0) as due_error_days,
        cast(sum(mean_error_days) as double) / nullif(sum(dated), 0) as mean_error_days,
        sum(p80_decided) as p80_decided,
        sum(within_p80) as within_p80
    from cases
    group by scope, mode, stage
),

skills as (
    select
        scope,
        mode,
        stage,
        replayed,
        applications,
        on_time,
        on_time_rate,
        brier,
        on_time_rate * (1.0 - on_time_rate) as brier_base,
        1.0 - cast(brier as double) / nullif(on_time_rate * (1.0 - on_time_rate), 0.0) as skill,
        dated,
        p50_error_days,
        due_error_days,
        mean_error_days,
        p80_decided,
        within_p80
    from sums
)

select
    scope,
    mode,
    stage,
    replayed,
    applications,
    on_time,
    on_time_rate,
    brier,
    brier_base,
    skill,
    case
        when replayed < 30 then 'few_cases'
        when skill > 0.0 then 'earned'
        else 'not_earned'
    end as verdict,
    dated,
    p50_error_days,
    due_error_days,
    mean_error_days,
    case
        when dated < 30 then 'few_cases'
        when p50_error_days < due_error_days and p50_error_days < mean_error_days then 'beats_both'
        when p50_error_days < due_error_days then 'beats_due'
        when p50_error_days < mean_error_days then 'beats_mean'
        else 'beats_neither'
    end as date_verdict,
    p80_decided,
    within_p80,
    cast(within_p80 as double) / nullif(p80_decided, 0) as p80_rate
from skills
order by scope, mode nulls first, stage nulls first
