with open_stages as (
    select
        1 as k,
        department,
        application_id,
        stage,
        pass,
        bureau,
        mode,
        manager_id,
        started_on,
        due_on,
        effective_due_on,
        due_in_wd,
        limit_wd,
        net_wd,
        state,
        remaining_wd,
        overdue_net
    from stages
    where state in ('open', 'planned', 'waiting', 'not_started') and due_on is not null
)

select
    open_stages.department as department,
    open_stages.application_id as application_id,
    open_stages.stage as stage,
    open_stages.pass as pass,
    open_stages.bureau as bureau,
    open_stages.mode as mode,
    open_stages.manager_id as manager_id,
    open_stages.state as state,
    open_stages.started_on as started_on,
    open_stages.due_on as due_on,
    open_stages.effective_due_on as effective_due_on,
    open_stages.due_in_wd as due_in_wd,
    open_stages.limit_wd as limit_wd,
    open_stages.net_wd as net_wd,
    open_stages.remaining_wd as remaining_wd,
    case
        when open_stages.overdue_net then 'breached'
        when open_stages.due_in_wd < 0 then 'past_original'
        else 'due_soon'
    end as urgency
from open_stages
inner join params on open_stages.k = params.k
where open_stages.remaining_wd <= params.remind_wd or open_stages.due_in_wd <= params.remind_wd
