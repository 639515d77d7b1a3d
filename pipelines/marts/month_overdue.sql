with cases as (
    select
        settled_month as month,
        application_id,
        stage,
        pass,
        cast(1 as bigint) as settled,
        cast(case when overdue_gross then 1 else 0 end as bigint) as overdue_gross,
        cast(case when overdue_net then 1 else 0 end as bigint) as overdue_net,
        cast(0 as bigint) as other_settled,
        cast(0 as bigint) as other_overdue_net
    from stages
    where settled_month is not null
    union all
    select
        other_settled_month as month,
        application_id,
        stage,
        pass,
        cast(0 as bigint) as settled,
        cast(0 as bigint) as overdue_gross,
        cast(0 as bigint) as overdue_net,
        cast(1 as bigint) as other_settled,
        cast(case when other_overdue_net then 1 else 0 end as bigint) as other_overdue_net
    from stages
    where other_settled_month is not null
)
select
    month,
    sum(settled) as settled,
    sum(overdue_gross) as overdue_gross,
    sum(overdue_net) as overdue_net,
    cast(sum(overdue_gross) as double) / nullif(sum(settled), 0) as rate_gross,
    cast(sum(overdue_net) as double) / nullif(sum(settled), 0) as rate_net,
    sum(other_settled) as other_settled,
    sum(other_overdue_net) as other_overdue_net,
    cast(sum(other_overdue_net) as double) / nullif(sum(other_settled), 0) as other_rate_net
from cases
group by month
order by month
