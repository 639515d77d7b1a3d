-- Whole VA, which add up in any order: to add 2⁵² and take it off again rounds, on every engine alike.
with demand as (
    select
        bureau,
        sum(cast(expected_kva * 1000.0 + 4503599627370496.0 - 4503599627370496.0 as bigint)) as expected_va
    from demands
    where newest
    group by bureau
),

cases as (
    select
        bureau,
        feeder_or_station,
        cast(null as varchar) as application_id,
        load_rate,
        limit_kva,
        restricted_since_on,
        cast(0 as bigint) as waiting,
        cast(0 as double) as held_kva,
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
        cast(1 as bigint) as waiting,
        capacity_kva as held_kva,
        cast(capacity_kva * 1000.0 + 4503599627370496.0 - 4503599627370496.0 as bigint) as held_va,
        case when accepted_on > restricted_since_on then accepted_on else restricted_since_on end as waiting_since_on
    from applications
    where state = 'open' and restricted_since_on is not null
),

sums as (
    select
        bureau,
        feeder_or_station,
        cast(1 as bigint) as k,
        max(load_rate) as load_rate,
        max(limit_kva) as limit_kva,
        min(restricted_since_on) as restricted_since_on,
        sum(waiting) as waiting,
        sum(held_va) as held_va,
        min(waiting_since_on) as waiting_since_on
    from cases
    group by bureau, feeder_or_station
)

select
    sums.bureau as bureau,
    sums.feeder_or_station as feeder_or_station,
    sums.load_rate as load_rate,
    sums.limit_kva as limit_kva,
    sums.restricted_since_on as restricted_since_on,
    sums.waiting as waiting,
    cast(sums.held_va as double) / 1000.0 as held_kva,
    sums.waiting_since_on as waiting_since_on,
    case when params.has_demands then cast(coalesce(demand.expected_va, 0) as double) / 1000.0 end as expected_kva
from sums
inner join params on sums.k = params.k
left join demand on sums.bureau = demand.bureau
order by bureau, feeder_or_station
