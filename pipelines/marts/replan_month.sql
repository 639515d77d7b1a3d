with cases as (
    select
        month,
        reason,
        application_id,
        number,
        cast(1 as bigint) as replans,
        coalesce(slip_days, 0) as slip_days,
        slip_days as known_slip_days
    from replans
)

select
    month,
    reason,
    sum(replans) as replans,
    count(distinct application_id) as applications,
    sum(slip_days) as slip_days,
    cast(sum(known_slip_days) as double) / nullif(count(known_slip_days), 0) as mean_slip_days
from cases
group by month, reason
order by month, reason nulls last
