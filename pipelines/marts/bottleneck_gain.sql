-- By how much the passes of a department would have brought each application forward.
with gains as (
    select
        department,
        application_id,
        sum(saved_at_limit_days) as saved_at_limit_days,
        0 - sum(saved_at_limit_days) as least_first
    from stages
    where saved_at_limit_days > 0
    group by department, application_id
),

places as (
    select
        department,
        application_id,
        saved_at_limit_days,
        dense_rank() over (partition by department order by least_first, application_id) as place
    from gains
)

select
    places.department as department,
    places.place as place,
    places.application_id as application_id,
    applications.bureau as bureau,
    applications.mode as mode,
    applications.voltage_kv as voltage_kv,
    applications.energised_on as energised_on,
    applications.calendar_days as calendar_days,
    places.saved_at_limit_days as saved_at_limit_days
from places
inner join applications on places.application_id = applications.application_id
where places.place <= 5
