with settled_stages as (
    select
        settled_month as month,
        department,
        stage,
        cast(case when overdue_gross then 1 else 0 end as bigint) as gross,
        cast(case when overdue_net then 1 else 0 end as bigint) as net,
        excluded_wd,
        over_wd
    from stages
    where settled_month is not null
)
select
    month,
    department,
    stage,
    count(*) as settled,
    sum(gross) as overdue_gross,
    sum(net) as overdue_net,
    cast(sum(gross) as double) / nullif(count(*), 0) as rate_gross,
    cast(sum(net) as double) / nullif(count(*), 0) as rate_net,
    sum(excluded_wd) as excluded_wd,
    cast(sum(net * over_wd) as double) / nullif(sum(net), 0) as mean_over_wd
from settled_stages
group by month, department, stage
order by month, department, stage
