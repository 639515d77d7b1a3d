with months as (
    select
        month,
        count(*) as n,
        count(satisfied) as n_scored
    from complaints
    group by month
),

-- Fewer than five complaints, or answers, could be those of persons who are known: they bring nothing to the figures.
cases as (
    select
        complaints.month as month,
        complaints.complaint_id as complaint_id,
        case when months.n >= 5 then cast(1 as bigint) end as complaints,
        case
            when months.n >= 5 then cast(case when complaints.same_day then 1 else 0 end as bigint)
        end as same_day,
        case
            when months.n >= 5 then cast(case when complaints.handled_in_time then 1 else 0 end as bigint)
        end as handled_in_time,
        case
            when months.n >= 5 then cast(case when complaints.satisfied is not null then 1 else 0 end as bigint)
        end as scored,
        case
            when months.n_scored >= 5 then cast(case when complaints.satisfied then 1 else 0 end as bigint)
        end as satisfied
    from complaints
    inner join months on complaints.month = months.month
)

select
    month,
    sum(complaints) as complaints,
    sum(same_day) as same_day,
    sum(handled_in_time) as handled_in_time,
    sum(scored) as scored,
    sum(satisfied) as satisfied,
    cast(sum(satisfied) as double) / nullif(sum(scored), 0) as satisfaction_rate
from cases
group by month
order by month
