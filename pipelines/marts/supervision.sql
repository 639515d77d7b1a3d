select
    application_id,
    customer_name,
    bureau,
    coalesce(key_project, false) as key_project,
    case
        when remaining_wd < 0 then 'past_due'
        when stage_overdue then 'stage_breached'
        else 'key_project'
    end as reason,
    owner_level,
    owner_role,
    effective_due_on,
    remaining_days as days_to_due,
    remaining_wd,
    current_stage,
    current_department as department,
    stage_breached_on,
    open_claims,
    open_requests,
    grid_works_since_on,
    feeder_or_station,
    restricted_since_on,
    blocked_since_on
from applications
where state = 'open' and (key_project or remaining_wd < 0 or stage_overdue)
