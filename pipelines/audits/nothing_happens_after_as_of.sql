with bounds as (
    select 1 as k, as_of
    from params
),

settled_stages as (
    select 1 as k, application_id, stage, pass, settled_on
    from stages
    where settled_on is not null
)
select settled_stages.application_id as application_id, settled_stages.stage as stage, settled_stages.pass as pass
from settled_stages
inner join bounds on settled_stages.k = bounds.k
where settled_stages.settled_on > bounds.as_of
