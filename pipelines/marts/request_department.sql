with cases as (
    select
        month,
        department,
        request_id,
        cast(1 as bigint) as asked,
        cast(case when answered_on is not null then 1 else 0 end as bigint) as answered,
        cast(case when same_day then 1 else 0 end as bigint) as answered_same_day,
        case when same_day then 1 when same_day = false then 0 end as same_day,
        cast(case when waited_for then 1 else 0 end as bigint) as waited_for,
        waited_days
    from request_answers
)

select
    month,
    department,
    sum(asked) as asked,
    sum(answered) as answered,
    sum(answered_same_day) as answered_same_day,
    cast(sum(answered_same_day) as double) / nullif(count(same_day), 0) as same_day_rate,
    sum(waited_for) as waited_for,
    cast(sum(waited_days) as double) / nullif(sum(asked), 0) as mean_wait_days
from cases
group by month, department
order by month, department
