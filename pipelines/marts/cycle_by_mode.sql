with completed_applications as (
    select
        energised_month as month,
        mode,
        calendar_days,
        gross_wd,
        cast(net_wd as double) as net_wd,
        cast(case when promised_on is not null then 1 else 0 end as bigint) as has_promise,
        cast(case when promise_kept then 1 else 0 end as bigint) as kept,
        cast(case when all_met then 1 else 0 end as bigint) as met
    from applications
    where state = 'energised'
)
select
    month,
    mode,
    count(*) as completed,
    cast(sum(calendar_days) as double) / nullif(count(*), 0) as mean_calendar_days,
    cast(sum(gross_wd) as double) / nullif(count(*), 0) as mean_gross_wd,
    sum(net_wd) / nullif(count(*), 0) as mean_net_wd,
    quantile_cont(net_wd, 0.5) as p50_net_wd,
    quantile_cont(net_wd, 0.8) as p80_net_wd,
    quantile_cont(net_wd, 0.9) as p90_net_wd,
    sum(has_promise) as promised,
    sum(kept) as promise_kept,
    cast(sum(kept) as double) / nullif(sum(has_promise), 0) as promise_rate,
    sum(met) as all_met,
    cast(sum(met) as double) / nullif(count(*), 0) as all_met_rate
from completed_applications
group by month, mode
order by month, mode
