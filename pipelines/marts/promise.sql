with cases as (
    select
        month,
        promise,
        subject_id,
        stage,
        pass,
        cast(1 as bigint) as due,
        cast(case when kept then 1 else 0 end as bigint) as kept
    from promises
)

select
    month,
    promise,
    sum(due) as due,
    sum(kept) as kept,
    cast(sum(kept) as double) / nullif(sum(due), 0) as rate
from cases
group by month, promise
order by month, promise
