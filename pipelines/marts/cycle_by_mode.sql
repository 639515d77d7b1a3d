with cases as (
    select
        energised_month as month,
        mode,
        application_id,
        cast(1 as bigint) as completed,
        calendar_days,
        gross_wd,
        cast(net_wd as double) as net_wd,
        cast(case when promised_on is not null then 1 else 0 end as bigint) as promised,
        cast(case when promise_kept then 1 else 0 end as bigint) as promise_kept,
        cast(case when all_met then 1 else 0 end as bigint) as all_met
    from applications
    where state = 'energised'
)

select
    month,
    mode,
    sum(completed) as completed,
    cast(sum(calendar_days) as double) / nullif(sum(completed), 0) as mean_calendar_days,
    cast(sum(gross_wd) as double) / nullif(sum(completed), 0) as mean_gross_wd,
    cast(sum(net_wd) as double) / nullif(sum(completed), 0) as mean_net_wd,
    quantile_cont(net_wd, 0.5) as p50_net_wd,
    quantile_cont(net_wd, 0.8) as p80_net_wd,
    quantile_cont(net_wd, 0.9) as p90_net_wd,
    sum(promised) as promised,
    sum(promise_kept) as promise_kept,
    cast(sum(promise_kept) as double) / nullif(sum(promised), 0) as promise_rate,
    sum(all_met) as all_met,
    cast(sum(all_met) as double) / nullif(sum(completed), 0) as all_met_rate
from cases
group by month, mode
order by month, mode
