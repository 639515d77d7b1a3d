with scores as (
    select
        due_month as month,
        subject_id as application_id,
        score >= 4 as satisfied
    from callbacks
    where kind = 'connection' and score is not null
),

months as (
    select
        month,
        count(*) as n
    from scores
    group by month
)

select
    scores.month as month,
    scores.application_id as application_id,
    scores.satisfied as satisfied
from scores
inner join months on scores.month = months.month
where months.n >= 5
