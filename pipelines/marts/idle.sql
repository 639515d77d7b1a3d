with idle_ones as (
    select
        1 as k,
        application_id,
        customer_name,
        bureau,
        mode,
        idle_since_on,
        idle_wd,
        next_stage,
        next_department,
        due_on,
        effective_due_on,
        remaining_wd,
        owner_role,
        manager_id
    from applications
    where idle_wd is not null
)

select
    idle_ones.application_id as application_id,
    idle_ones.customer_name as customer_name,
    idle_ones.bureau as bureau,
    idle_ones.mode as mode,
    idle_ones.idle_since_on as idle_since_on,
    idle_ones.idle_wd as idle_wd,
    idle_ones.next_stage as next_stage,
    idle_ones.next_department as department,
    idle_ones.due_on as due_on,
    idle_ones.effective_due_on as effective_due_on,
    idle_ones.remaining_wd as remaining_wd,
    idle_ones.owner_role as owner_role,
    idle_ones.manager_id as manager_id
from idle_ones
inner join params on idle_ones.k = params.k
where idle_ones.idle_wd > params.idle_wd
