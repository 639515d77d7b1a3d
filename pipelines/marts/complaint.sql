with cases as (
    select
        month,
        bureau,
        department,
        complaint_id,
        cast(1 as bigint) as received,
        cast(case when same_day is not null then 1 else 0 end as bigint) as same_day_due,
        cast(case when same_day then 1 else 0 end as bigint) as same_day,
        cast(case when handled_in_time is not null then 1 else 0 end as bigint) as handled_due,
        cast(case when handled_in_time then 1 else 0 end as bigint) as handled_in_time,
        cast(case when satisfied is not null then 1 else 0 end as bigint) as scored,
        cast(case when satisfied then 1 else 0 end as bigint) as satisfied
    from complaints
)

select
    month,
    bureau,
    department,
    sum(received) as received,
    sum(same_day_due) as same_day_due,
    sum(same_day) as same_day,
    cast(sum(same_day) as double) / nullif(sum(same_day_due), 0) as same_day_rate,
    sum(handled_due) as handled_due,
    sum(handled_in_time) as handled_in_time,
    cast(sum(handled_in_time) as double) / nullif(sum(handled_due), 0) as handled_rate,
    sum(scored) as scored,
    sum(satisfied) as satisfied,
    cast(sum(satisfied) as double) / nullif(sum(scored), 0) as satisfaction_rate
from cases
group by month, bureau, department
order by month, bureau, department
