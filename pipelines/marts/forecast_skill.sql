with decided as (
    select
        mode,
        stage,
        replayed_on,
        application_id,
        on_time,
        -- In whole units of 10⁻¹², which add up in any order.
        case
            when on_time then (1000000 - on_time_ppm) * (1000000 - on_time_ppm)
            else on_time_ppm * on_time_ppm
        end as square_e12,
        p50_error_days is not null as dated,
        p50_error_days,
        due_error_days,
        mean_error_days,
        within_p80 is not null as p80_decided,
        within_p80
    from backtest
    where on_time is not null and p_on_time is not null
)

-- Each replay three times: among all, among those of its mode, and among those at its stage.
select
    'all' as scope,
    cast(null as varchar) as mode,
    cast(null as varchar) as stage,
    replayed_on,
    application_id,
    on_time,
    square_e12,
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
    on_time,
    square_e12,
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
    on_time,
    square_e12,
    dated,
    p50_error_days,
    due_error_days,
    mean_error_days,
    p80_decided,
    within_p80
from decided
