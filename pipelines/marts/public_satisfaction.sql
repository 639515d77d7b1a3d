with scores as (
    select
        due_month as month,
        subject_id as application_id,
        score >= 4 as satisfied
    from callbacks
    where kind = 'connection' and score is not null
),

sizes as (
    select
        month,
        cast(1 as bigint) as k,
        count(*) as n
    from scores
    group by month
),

-- Months in which so many answered that nobody is known by the answer.
months as (
    select sizes.month as month
    from sizes
    inner join params on sizes.k = params.k
    where sizes.n >= params.min_cell
)

select
    scores.month as month,
    scores.application_id as application_id,
    scores.satisfied as satisfied
from scores
inner join months on scores.month = months.month
