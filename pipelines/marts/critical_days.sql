select
    energised_month as month,
    bureau,
    mode,
    voltage_class,
    case when is_charged then department else whose end as department,
    stage,
    case when is_charged then handler end as handler,
    application_id,
    sequence,
    whose,
    is_wait,
    days,
    wd,
    case when is_wait then wd else cast(0 as bigint) end as queue_wd,
    case when is_wait then days else cast(0 as bigint) end as queue_days
from stretches
where application_state = 'energised' and stage is not null and (department is not null or not is_charged)
