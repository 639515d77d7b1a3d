-- One row per application and part of its critical path; the parts of an application cover its calendar days exactly.
select
    compared_in as stratum,
    mode,
    'total' as part,
    cast(null as varchar) as stage,
    application_id,
    cast(0 as bigint) as pass,
    calendar_days as days
from applications
where state = 'energised' and compared_in is not null
union all
select
    compared_in as stratum,
    mode,
    'lead' as part,
    cast(null as varchar) as stage,
    application_id,
    cast(0 as bigint) as pass,
    lead_days as days
from applications
where state = 'energised' and lead_days is not null and compared_in is not null
union all
select
    compared_in as stratum,
    mode,
    'tail' as part,
    cast(null as varchar) as stage,
    application_id,
    cast(0 as bigint) as pass,
    tail_days as days
from applications
where state = 'energised' and tail_days is not null and compared_in is not null
union all
select compared_in as stratum, mode, 'work' as part, stage, application_id, pass, critical_work_days as days
from stages
where on_critical and application_state = 'energised' and compared_in is not null
union all
select compared_in as stratum, mode, 'waiting' as part, stage, application_id, pass, critical_wait_days as days
from stages
where on_critical and application_state = 'energised' and compared_in is not null
