-- What the replayed forecasts scored against always saying the mean rate in time: forecast_skill's row `all`.
with replays as (
    select
        cast(1 as bigint) as k,
        sum(case when p_on_time is not null then 1 else 0 end) as replayed,
        sum(case when p_on_time is not null and on_time then 1 else 0 end) as on_time,
        sum(
            case
                when p_on_time is null then 0
                when on_time then (1000000 - on_time_ppm) * (1000000 - on_time_ppm)
                else on_time_ppm * on_time_ppm
            end
        ) as square_e12
    from backtest
    where on_time is not null
),

rates as (
    select
        k,
        replayed,
        cast(on_time as double) / nullif(replayed, 0) as on_time_rate,
        cast(square_e12 as double) / 1000000000000.0 / nullif(replayed, 0) as brier
    from replays
),

trust as (
    select
        k,
        case
            when coalesce(replayed, 0) < 30 then 'few_cases'
            when brier < on_time_rate * (1.0 - on_time_rate) then 'earned'
            else 'not_earned'
        end as forecast_trust
    from rates
),

listed as (
    select
        cast(1 as bigint) as k,
        application_id,
        customer_name,
        bureau,
        mode,
        voltage_kv,
        capacity_kva,
        due_on,
        effective_due_on,
        gross_wd,
        excluded_wd,
        remaining_wd,
        owner_level,
        owner_role,
        case when owner_level = 0 then manager_id end as owner,
        owner_since_on,
        next_rise_on,
        current_stage,
        current_department,
        manager_id,
        replans,
        current_promise_on
    from applications
    where state = 'open'
)

select
    listed.application_id as application_id,
    listed.customer_name as customer_name,
    listed.bureau as bureau,
    listed.mode as mode,
    listed.voltage_kv as voltage_kv,
    listed.capacity_kva as capacity_kva,
    listed.due_on as due_on,
    listed.effective_due_on as effective_due_on,
    listed.gross_wd as elapsed_wd,
    listed.excluded_wd as excluded_wd,
    listed.remaining_wd as remaining_wd,
    forecasts.p_on_time as p_on_time,
    forecasts.p50_on as forecast_p50_on,
    forecasts.p80_on as forecast_p80_on,
    listed.owner_level as owner_level,
    listed.owner_role as owner_role,
    listed.owner as owner,
    listed.owner_since_on as owner_since_on,
    listed.next_rise_on as next_rise_on,
    listed.current_stage as current_stage,
    listed.current_department as department,
    listed.manager_id as manager_id,
    listed.replans as replans,
    listed.current_promise_on as current_promise_on,
    forecasts.basis as forecast_basis,
    forecasts.cases as forecast_cases,
    case when forecasts.cases is not null then trust.forecast_trust end as forecast_trust
from listed
inner join trust on listed.k = trust.k
left join forecasts on listed.application_id = forecasts.application_id
order by application_id
