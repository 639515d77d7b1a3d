with followed as (
    select
        application_id,
        voltage_class,
        compared_in,
        mode,
        state,
        followed_days,
        1 as k
    from applications
)

select
    followed.application_id as application_id,
    followed.voltage_class as scope,
    followed.compared_in as stratum,
    followed.mode as mode,
    followed.state as state,
    followed.followed_days as days,
    params.min_at_risk as min_at_risk
from followed
inner join params on followed.k = params.k
