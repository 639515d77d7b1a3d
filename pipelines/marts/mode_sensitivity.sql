with followed as (
    select
        application_id,
        compared_in,
        mode,
        state,
        followed_days,
        coalesce(key_project, false) as key_project,
        accepted_on,
        1 as k
    from applications
)

select
    followed.application_id as application_id,
    followed.compared_in as stratum,
    followed.mode as mode,
    followed.state as state,
    followed.followed_days as days,
    followed.key_project as key_project,
    followed.accepted_on as accepted_on,
    params.as_of as as_of,
    params.min_at_risk as min_at_risk
from followed
inner join params on followed.k = params.k
