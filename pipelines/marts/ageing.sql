with history as (
    select
        stage,
        department,
        elapsed_wd
    from stages
    where state = 'finished'
)

select
    application_id,
    stage,
    pass,
    department,
    bureau,
    mode,
    manager_id,
    started_on,
    elapsed_wd as age_wd
from stages
where state = 'open'
