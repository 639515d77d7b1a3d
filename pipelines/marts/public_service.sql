with sizes as (
    select
        month,
        cast(1 as bigint) as k,
        count(*) as n,
        count(satisfied) as n_scored
    from complaints
    group by month
),

months as (
    select
        sizes.month as month,
        sizes.n >= params.min_cell as shown,
        sizes.n_scored >= params.min_cell as shown_scored
    from sizes
    inner join params on sizes.k = params.k
)

-- Too few complaints, or answers, could be those of persons who are known: they bring nothing to the figures.
select
    complaints.month as month,
    complaints.complaint_id as complaint_id,
    case when months.shown then 1 end as complaints,
    case when months.shown then case when complaints.same_day then 1 else 0 end end as same_day,
    case when months.shown then case when complaints.handled_in_time then 1 else 0 end end as handled_in_time,
    case when months.shown then case when complaints.satisfied is not null then 1 else 0 end end as scored,
    case when months.shown_scored then case when complaints.satisfied then 1 else 0 end end as satisfied
from complaints
inner join months on complaints.month = months.month
