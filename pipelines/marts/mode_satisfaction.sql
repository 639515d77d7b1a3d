with called as (
    select
        subject_id,
        score
    from callbacks
    where kind = 'connection' and score is not null
)

select
    applications.mode as mode,
    called.subject_id as application_id,
    called.score >= 4 as satisfied,
    called.score as score
from called
inner join applications on called.subject_id = applications.application_id
