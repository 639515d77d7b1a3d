with cases as (
    select
        month,
        coalesce(reason, 'unsaid') as reason,
        application_id,
        number,
        cast(1 as bigint) as replans,
        slip_days
    from replans
)

select
    month,
    reason,
    sum(replans) as replans,
    count(distinct application_id) as applications,
    coalesce(sum(slip_days), 0) as slip_days,
    cast(sum(slip_days) as double) / nullif(count(slip_days), 0) as mean_slip_days
from cases
group by month, reason
order by month, reason
