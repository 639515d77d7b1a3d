select
    application_id,
    customer_name,
    bureau,
    coalesce(key_project, false) as key_project,
    case
        when remaining_wd < 0 then 'past_due'
        when past_original then 'past_original'
        when stage_overdue then 'stage_breached'
        else 'key_project'
    end as reason,
    owner_level,
    owner_role,
    original_owner_role,
    due_on,
    original_remaining_wd,
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
where state = 'open' and (key_project or past_original or stage_overdue)
