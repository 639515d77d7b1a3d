with followed as (
    select
        application_id,
        stratum,
        mode,
        state,
        followed_days,
        1 as k
    from applications
    where capacity_kva >= 1000 and capacity_kva < 4000
)

select
    followed.application_id as application_id,
    followed.stratum as stratum,
    followed.mode as mode,
    followed.state as state,
    followed.followed_days as days,
    params.min_arm as min_arm,
    params.min_at_risk as min_at_risk
from followed
inner join params on followed.k = params.k
