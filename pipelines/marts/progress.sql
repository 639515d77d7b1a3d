with projects as (
    select
        1 as k,
        application_id,
        customer_name,
        bureau,
        state,
        energised_on,
        promised_on,
        current_promise_on,
        coalesce(replans, 0) as replans
    from applications
    where mode = 'order' and state in ('open', 'energised')
)

select
    projects.application_id as application_id,
    projects.customer_name as customer_name,
    projects.bureau as bureau,
    stages.stage as stage,
    stages.pass as pass,
    stages.department as department,
    stages.state as state,
    stages.started_on as started_on,
    coalesce(stages.started_on, stages.due_on) as begins_on,
    coalesce(stages.planned_due_on, stages.due_on) as due_on,
    stages.finished_on as finished_on,
    stages.limit_wd as limit_wd,
    stages.net_wd as net_wd,
    stages.slip_wd as slip_wd,
    case when stages.finished_on is null then stages.due_in_wd end as due_in_wd,
    projects.promised_on as promised_on,
    projects.current_promise_on as current_promise_on,
    projects.replans as replans
from projects
inner join params on projects.k = params.k
inner join stages on projects.application_id = stages.application_id
where projects.state = 'open' or projects.energised_on >= params.period_from
