-- One row an application and part of its critical path; the parts of an application cover its calendar days exactly.
with finished as (
    select
        application_id,
        stratum,
        mode,
        calendar_days,
        lead_days,
        tail_days
    from applications
    where state = 'energised'
),

parts as (
    select application_id, cast(null as varchar) as stage, cast(0 as bigint) as pass, 'total' as part, calendar_days as days
    from finished
    union all
    select application_id, cast(null as varchar) as stage, cast(0 as bigint) as pass, 'lead' as part, lead_days as days
    from finished
    union all
    select application_id, cast(null as varchar) as stage, cast(0 as bigint) as pass, 'tail' as part, tail_days as days
    from finished
    union all
    select application_id, stage, pass, 'work' as part, critical_work_days as days
    from stages
    where on_critical and application_state = 'energised'
    union all
    select application_id, stage, pass, 'waiting' as part, critical_wait_days as days
    from stages
    where on_critical and application_state = 'energised'
)

select
    finished.stratum as stratum,
    finished.mode as mode,
    parts.part as part,
    parts.stage as stage,
    parts.days as days,
    parts.application_id as application_id,
    parts.pass as pass
from parts
inner join finished on parts.application_id = finished.application_id
where parts.days is not null
order by application_id, part, stage, pass
