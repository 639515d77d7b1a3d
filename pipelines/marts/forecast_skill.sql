with decided as (
    select
        mode,
        coalesce(stage, 'no_stage') as stage,
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
        'all' as subject,
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
        mode as subject,
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
        'stage' as scope,
        stage as subject,
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
        subject,
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
    group by scope, subject
),

skills as (
    select
        scope,
        subject,
        on_time_rate * (1.0 - on_time_rate) as brier_base,
        1.0 - cast(brier as double) / nullif(on_time_rate * (1.0 - on_time_rate), 0.0) as skill
    from sums
)

select
    sums.scope as scope,
    sums.subject as subject,
    sums.replayed as replayed,
    sums.applications as applications,
    sums.on_time as on_time,
    sums.on_time_rate as on_time_rate,
    sums.brier as brier,
    skills.brier_base as brier_base,
    skills.skill as skill,
    case
        when sums.replayed < 30 then 'few_cases'
        when skills.skill > 0.0 then 'earned'
        else 'not_earned'
    end as verdict,
    sums.dated as dated,
    sums.p50_error_days as p50_error_days,
    sums.due_error_days as due_error_days,
    sums.mean_error_days as mean_error_days,
    case
        when sums.dated < 30 then 'few_cases'
        when sums.p50_error_days < sums.due_error_days and sums.p50_error_days < sums.mean_error_days then 'beats_both'
        when sums.p50_error_days < sums.due_error_days then 'beats_due'
        when sums.p50_error_days < sums.mean_error_days then 'beats_mean'
        else 'beats_neither'
    end as date_verdict,
    sums.p80_decided as p80_decided,
    sums.within_p80 as within_p80,
    cast(sums.within_p80 as double) / nullif(sums.p80_decided, 0) as p80_rate
from sums
inner join skills on sums.scope = skills.scope and sums.subject = skills.subject
order by scope, subject
