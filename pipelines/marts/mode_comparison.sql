with followed as (
    select
        application_id,
        coalesce(compared_in, stratum) as stratum,
        compared_in is not null as matched,
        mode,
        state,
        followed_days,
        1 as k
    from applications
)

select
    followed.application_id as application_id,
    followed.stratum as stratum,
    followed.matched as matched,
    followed.mode as mode,
    followed.state as state,
    followed.followed_days as days,
    params.min_at_risk as min_at_risk
from followed
inner join params on followed.k = params.k
