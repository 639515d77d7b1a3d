select
    month,
    bureau,
    feeder_or_station,
    cast(null as varchar) as customer,
    true as equipment,
    load_rate >= 0.8 as heavy,
    load_rate >= 1.0 as over,
    limit_kva is not null as limited,
    cast(0 as bigint) as expected_va
from restrictions
union all
select
    month,
    bureau,
    cast(null as varchar) as feeder_or_station,
    customer,
    false as equipment,
    false as heavy,
    false as over,
    false as limited,
    expected_va
from demands
