with demand as (
    select
        bureau,
        expected_va
    from demands
    where newest
)

-- Each feeder or station that is restricted on the newest list; then each open application that waits for one.
select
    bureau,
    feeder_or_station,
    cast(null as varchar) as application_id,
    load_rate,
    limit_kva,
    restricted_since_on,
    false as waiting,
    cast(0 as bigint) as held_va,
    cast(null as date) as waiting_since_on
from restrictions
where restricted_since_on is not null
union all
select
    bureau,
    feeder_or_station,
    application_id,
    cast(null as double) as load_rate,
    cast(null as double) as limit_kva,
    restricted_since_on,
    true as waiting,
    capacity_va as held_va,
    case when accepted_on > restricted_since_on then accepted_on else restricted_since_on end as waiting_since_on
from applications
where state = 'open' and restricted_since_on is not null
