with months as (
    select
        month,
        count(*) as n,
        count(satisfied) as n_scored
    from complaints
    group by month
)

-- Fewer than five complaints, or answers, could be those of persons who are known: they bring nothing to the figures.
select
    complaints.month as month,
    complaints.complaint_id as complaint_id,
    case when months.n >= 5 then 1 end as complaints,
    case when months.n >= 5 then case when complaints.same_day then 1 else 0 end end as same_day,
    case when months.n >= 5 then case when complaints.handled_in_time then 1 else 0 end end as handled_in_time,
    case when months.n >= 5 then case when complaints.satisfied is not null then 1 else 0 end end as scored,
    case when months.n_scored >= 5 then case when complaints.satisfied then 1 else 0 end end as satisfied
from complaints
inner join months on complaints.month = months.month
