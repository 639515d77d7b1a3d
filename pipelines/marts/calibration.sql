with cases as (
    select
        band,
        replayed_on,
        application_id,
        cast(1 as bigint) as replayed,
        p_on_time,
        on_time_ppm,
        cast(case when on_time then 1 else 0 end as bigint) as on_time
    from backtest
    where on_time is not null and p_on_time is not null
),

sums as (
    select
        band,
        sum(replayed) as replayed,
        cast(sum(on_time_ppm) as double) / 1000000.0 / sum(replayed) as mean_forecast,
        sum(on_time) as on_time,
        cast(sum(on_time) as double) / sum(replayed) as on_time_rate,
        cast(sum(replayed) as double) as n
    from cases
    group by band
),

-- Wilson's interval, with the normal quantile of 97.5 %: its square over n, its middle and its half width.
halves as (
    select
        band,
        (on_time_rate + 1.959963984540054 * 1.959963984540054 / (2.0 * n))
            / (1.0 + 1.959963984540054 * 1.959963984540054 / n) as middle,
        1.959963984540054
            * sqrt(on_time_rate * (1.0 - on_time_rate) / n + 1.959963984540054 * 1.959963984540054 / (4.0 * n * n))
            / (1.0 + 1.959963984540054 * 1.959963984540054 / n) as half_width
    from sums
),

intervals as (
    select
        sums.band as band,
        sums.replayed as replayed,
        sums.mean_forecast as mean_forecast,
        sums.on_time as on_time,
        sums.on_time_rate as on_time_rate,
        case when sums.on_time = 0 then 0.0 else halves.middle - halves.half_width end as wilson_low,
        case when sums.on_time = sums.replayed then 1.0 else halves.middle + halves.half_width end as wilson_high
    from sums
    inner join halves on sums.band = halves.band
)

select
    band,
    replayed,
    mean_forecast,
    on_time,
    on_time_rate,
    wilson_low,
    wilson_high,
    case
        when replayed < 30 then 'few_cases'
        when mean_forecast > wilson_high then 'forecast_too_high'
        when mean_forecast < wilson_low then 'forecast_too_low'
        else 'as_forecast'
    end as verdict
from intervals
order by band
