with scores as (
    select
        due_month as month,
        subject_id as application_id,
        cast(1 as bigint) as scored,
        cast(case when score >= 4 then 1 else 0 end as bigint) as satisfied
    from callbacks
    where kind = 'connection' and score is not null
),

months as (
    select
        month,
        count(*) as n
    from scores
    group by month
),

cases as (
    select
        scores.month as month,
        scores.application_id as application_id,
        scores.scored as scored,
        scores.satisfied as satisfied
    from scores
    inner join months on scores.month = months.month
    where months.n >= 5
)

select
    month,
    sum(scored) as scored,
    sum(satisfied) as satisfied,
    cast(sum(satisfied) as double) / nullif(sum(scored), 0) as satisfaction_rate
from cases
group by month
order by month
