with projects as (
    select
        1 as k,
        application_id,
        customer_name,
        bureau,
        voltage_kv,
        capacity_kva,
        state,
        accepted_on,
        promised_on,
        current_promise_on,
        coalesce(replans, 0) as replans,
        effective_due_on,
        energised_on,
        gross_wd as elapsed_wd,
        case when state = 'open' then remaining_wd end as remaining_wd,
        owner_role,
        current_stage,
        current_department as department,
        leader,
        live_work
    from applications
    where key_project and state in ('open', 'energised')
),

passes as (
    select
        projects.application_id as application_id,
        stages.state = 'finished' as finished,
        stages.overdue_net as overdue_net
    from projects
    inner join stages on projects.application_id = stages.application_id
)

select
    projects.application_id as application_id,
    projects.customer_name as customer_name,
    projects.bureau as bureau,
    projects.voltage_kv as voltage_kv,
    projects.capacity_kva as capacity_kva,
    projects.state as state,
    projects.accepted_on as accepted_on,
    projects.promised_on as promised_on,
    projects.current_promise_on as current_promise_on,
    projects.replans as replans,
    projects.effective_due_on as effective_due_on,
    projects.energised_on as energised_on,
    projects.elapsed_wd as elapsed_wd,
    projects.remaining_wd as remaining_wd,
    projects.owner_role as owner_role,
    projects.current_stage as current_stage,
    projects.department as department,
    projects.leader as leader,
    projects.live_work as live_work
from projects
inner join params on projects.k = params.k
where projects.state = 'open' or projects.energised_on >= params.period_from
