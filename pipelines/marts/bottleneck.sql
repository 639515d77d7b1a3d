-- The mean cycle of all energised applications is what the gains shorten.
with cycles as (
    select calendar_days
    from applications
    where state = 'energised'
)

-- One row per pass. The critical path of a cancelled application leads nowhere: it counts in no share.
select
    department,
    stage,
    application_id,
    pass,
    rework,
    worked_wd as net_wd,
    waiting_wd,
    case when application_state = 'cancelled' then cast(0 as bigint) else critical_wd end as critical_wd,
    case when application_state = 'energised' then critical_work_days else cast(0 as bigint) end as critical_work_days,
    case when application_state = 'energised' then critical_wait_days else cast(0 as bigint) end as critical_wait_days,
    state = 'open' as open_now,
    case when state = 'open' then elapsed_wd end as open_age_wd,
    saved_at_limit_days,
    saved_half_wait_half_days
from stages
where started_on is not null
