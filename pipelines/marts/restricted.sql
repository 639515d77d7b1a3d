with listed as (
    select
        bureau,
        feeder_or_station,
        month,
        load_rate,
        limit_kva,
        restricted_since_on
    from restrictions
    where newest
)

-- Each feeder or station of the newest list; then each open application to be connected to one.
select
    bureau,
    feeder_or_station,
    cast(null as varchar) as application_id,
    month as listed_month,
    load_rate,
    limit_kva,
    restricted_since_on,
    false as waiting,
    cast(0 as bigint) as held_va
from listed
union all
select
    listed.bureau as bureau,
    listed.feeder_or_station as feeder_or_station,
    applications.application_id as application_id,
    listed.month as listed_month,
    cast(null as double) as load_rate,
    cast(null as double) as limit_kva,
    cast(null as date) as restricted_since_on,
    true as waiting,
    applications.capacity_va as held_va
from applications
inner join listed
    on applications.bureau = listed.bureau and applications.feeder_or_station = listed.feeder_or_station
where applications.state = 'open'
