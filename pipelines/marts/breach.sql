with breaches as (
    select
        1 as k,
        department,
        application_id,
        stage,
        pass,
        bureau,
        mode,
        breached_on,
        due_on,
        limit_wd,
        net_wd,
        over_wd,
        state
    from stages
    where overdue_net and breached_on is not null
)

select
    breaches.department as department,
    breaches.application_id as application_id,
    breaches.stage as stage,
    breaches.pass as pass,
    breaches.bureau as bureau,
    breaches.mode as mode,
    breaches.breached_on as breached_on,
    breaches.due_on as due_on,
    breaches.limit_wd as limit_wd,
    breaches.net_wd as net_wd,
    breaches.over_wd as over_wd,
    breaches.state as state
from breaches
inner join params on breaches.k = params.k
where breaches.breached_on >= params.period_from
