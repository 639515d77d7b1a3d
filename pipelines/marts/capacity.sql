-- Whole VA, which add up in any order: to add 2⁵² and take it off again rounds, on every engine alike.
with cases as (
    select
        month,
        bureau,
        feeder_or_station,
        cast(null as varchar) as customer,
        cast(1 as bigint) as equipment,
        cast(case when load_rate >= 0.8 then 1 else 0 end as bigint) as heavy,
        cast(case when load_rate >= 1.0 then 1 else 0 end as bigint) as over,
        cast(case when limit_kva is not null then 1 else 0 end as bigint) as limited,
        cast(0 as double) as expected_kva,
        cast(0 as bigint) as expected_va
    from restrictions
    union all
    select
        month,
        bureau,
        cast(null as varchar) as feeder_or_station,
        customer,
        cast(0 as bigint) as equipment,
        cast(0 as bigint) as heavy,
        cast(0 as bigint) as over,
        cast(0 as bigint) as limited,
        expected_kva,
        cast(expected_kva * 1000.0 + 4503599627370496.0 - 4503599627370496.0 as bigint) as expected_va
    from demands
),

sums as (
    select
        month,
        bureau,
        cast(1 as bigint) as k,
        sum(equipment) as equipment,
        sum(heavy) as heavy,
        sum(over) as over,
        sum(limited) as limited,
        sum(expected_va) as expected_va
    from cases
    group by month, bureau
)

select
    sums.month as month,
    sums.bureau as bureau,
    case when params.has_restrictions then sums.equipment end as equipment,
    case when params.has_restrictions then sums.heavy end as heavy,
    case when params.has_restrictions then sums.over end as over,
    case when params.has_restrictions then sums.limited end as limited,
    case when params.has_demands then cast(sums.expected_va as double) / 1000.0 end as expected_kva
from sums
inner join params on sums.k = params.k
order by month, bureau
