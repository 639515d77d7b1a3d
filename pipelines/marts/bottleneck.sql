-- The mean cycle of all energised applications is what the gains shorten.
with cycles as (
    select calendar_days
    from applications
    where state = 'energised'
)

-- One row per pass, and one per stretch of the critical path: its department's, or of whoever held it up. The critical
-- path of a cancelled application leads nowhere: it counts in no share.
select
    department,
    stage,
    application_id,
    pass,
    cast(0 as bigint) as sequence,
    cast(1 as bigint) as passes,
    rework,
    worked_wd as net_wd,
    waiting_wd,
    cast(0 as bigint) as critical_wd,
    cast(0 as bigint) as critical_work_days,
    cast(0 as bigint) as critical_wait_days,
    state = 'open' as open_now,
    case when state = 'open' then elapsed_wd end as open_age_wd,
    saved_at_limit_days,
    saved_half_wait_half_days
from stages
where started_on is not null
union all
select
    case when is_charged then department else whose end as department,
    stage,
    application_id,
    pass,
    sequence,
    cast(0 as bigint) as passes,
    false as rework,
    cast(null as bigint) as net_wd,
    cast(null as bigint) as waiting_wd,
    wd as critical_wd,
    case when application_state = 'energised' and not is_wait then days else cast(0 as bigint) end as critical_work_days,
    case when application_state = 'energised' and is_wait then days else cast(0 as bigint) end as critical_wait_days,
    false as open_now,
    cast(null as bigint) as open_age_wd,
    cast(0 as bigint) as saved_at_limit_days,
    cast(0 as bigint) as saved_half_wait_half_days
from stretches
where application_state <> 'cancelled' and stage is not null and (department is not null or not is_charged)
