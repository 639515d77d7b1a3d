with cases as (
    select
        settled_month as month,
        department,
        stage,
        application_id,
        pass,
        cast(1 as bigint) as settled,
        cast(case when overdue_gross then 1 else 0 end as bigint) as overdue_gross,
        cast(case when overdue_net then 1 else 0 end as bigint) as overdue_net,
        excluded_wd,
        case when overdue_net then over_wd end as overdue_wd
    from stages
    where settled_month is not null
)

select
    month,
    department,
    stage,
    sum(settled) as settled,
    sum(overdue_gross) as overdue_gross,
    sum(overdue_net) as overdue_net,
    cast(sum(overdue_gross) as double) / nullif(sum(settled), 0) as rate_gross,
    cast(sum(overdue_net) as double) / nullif(sum(settled), 0) as rate_net,
    sum(excluded_wd) as excluded_wd,
    cast(sum(overdue_wd) as double) / nullif(sum(overdue_net), 0) as mean_over_wd
from cases
group by month, department, stage
order by month, department, stage
