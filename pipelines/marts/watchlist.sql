select
    application_id,
    customer_name,
    bureau,
    mode,
    voltage_kv,
    capacity_kva,
    due_on,
    effective_due_on,
    gross_wd as elapsed_wd,
    excluded_wd,
    remaining_wd,
    owner_level,
    owner_role,
    case when owner_level = 0 and manager_id is not null then manager_id else owner_role end as owner,
    owner_since_on,
    next_rise_on,
    current_stage,
    current_department as department,
    manager_id,
    replans,
    current_promise_on
from applications
where state = 'open'
order by application_id
