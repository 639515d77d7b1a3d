with replays as (
    select
        on_time,
        -- In whole units of 10⁻¹², which add up in any order.
        case
            when on_time then (1000000 - on_time_ppm) * (1000000 - on_time_ppm)
            else on_time_ppm * on_time_ppm
        end as square_e12
    from backtest
    where on_time is not null and p_on_time is not null
),

-- What became of the forecasts of each band.
bands as (
    select
        band,
        count(*) as replayed,
        sum(case when on_time then 1 else 0 end) as on_time,
        sum(on_time_ppm) as ppm
    from backtest
    where on_time is not null and p_on_time is not null
    group by band
)

select
    applications.application_id as application_id,
    applications.customer_name as customer_name,
    applications.bureau as bureau,
    applications.mode as mode,
    applications.voltage_kv as voltage_kv,
    applications.capacity_kva as capacity_kva,
    applications.due_on as due_on,
    applications.effective_due_on as effective_due_on,
    applications.gross_wd as elapsed_wd,
    applications.excluded_wd as excluded_wd,
    applications.excused_open_wd as excused_open_wd,
    applications.remaining_wd as remaining_wd,
    forecasts.p_on_time as p_on_time,
    coalesce(bands.replayed, 0) as band_replayed,
    coalesce(bands.on_time, 0) as band_on_time,
    coalesce(bands.ppm, 0) as band_ppm,
    forecasts.p50_on as forecast_p50_on,
    forecasts.p80_on as forecast_p80_on,
    applications.owner_level as owner_level,
    applications.owner_role as owner_role,
    case when applications.owner_level = 0 then applications.manager_id end as owner,
    applications.owner_since_on as owner_since_on,
    applications.next_rise_on as next_rise_on,
    applications.current_stage as current_stage,
    applications.current_department as department,
    applications.manager_id as manager_id,
    applications.replans as replans,
    applications.current_promise_on as current_promise_on,
    forecasts.basis as forecast_basis,
    forecasts.cases as forecast_cases
from applications
left join forecasts on applications.application_id = forecasts.application_id
left join bands on forecasts.band = bands.band
where applications.state = 'open'
