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
        gross_wd,
        case when state = 'open' then remaining_wd end as remaining_wd,
        owner_role,
        current_stage,
        current_department
    from applications
    where key_project and state in ('open', 'energised')
),

shown as (
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
        projects.gross_wd as elapsed_wd,
        projects.remaining_wd as remaining_wd,
        projects.owner_role as owner_role,
        projects.current_stage as current_stage,
        projects.current_department as department
    from projects
    inner join params on projects.k = params.k
    where projects.state = 'open' or projects.energised_on >= params.period_from
),

done as (
    select
        application_id,
        sum(cast(case when state = 'finished' then 1 else 0 end as bigint)) as finished_stages,
        sum(cast(case when overdue_net then 1 else 0 end as bigint)) as overdue_stages
    from stages
    group by application_id
)

select
    shown.application_id as application_id,
    shown.customer_name as customer_name,
    shown.bureau as bureau,
    shown.voltage_kv as voltage_kv,
    shown.capacity_kva as capacity_kva,
    shown.state as state,
    shown.accepted_on as accepted_on,
    shown.promised_on as promised_on,
    shown.current_promise_on as current_promise_on,
    shown.replans as replans,
    shown.effective_due_on as effective_due_on,
    shown.energised_on as energised_on,
    shown.elapsed_wd as elapsed_wd,
    shown.remaining_wd as remaining_wd,
    shown.owner_role as owner_role,
    shown.current_stage as current_stage,
    shown.department as department,
    coalesce(done.finished_stages, 0) as finished_stages,
    coalesce(done.overdue_stages, 0) as overdue_stages
from shown
left join done on shown.application_id = done.application_id
order by application_id
