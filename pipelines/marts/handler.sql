with running as (
    select
        1 as k,
        department,
        handler,
        application_id,
        stage,
        pass
    from stages
    where state = 'open' and handler is not null
)

-- Two kinds of cases: passes settled in a month, and those that are open now.
select
    settled_month as month,
    department,
    handler,
    application_id,
    stage,
    pass,
    true as settled,
    overdue_net,
    net_wd,
    false as open_now
from stages
where settled_month is not null and handler is not null
union all
select
    params.month as month,
    running.department as department,
    running.handler as handler,
    running.application_id as application_id,
    running.stage as stage,
    running.pass as pass,
    false as settled,
    false as overdue_net,
    cast(null as bigint) as net_wd,
    true as open_now
from running
inner join params on running.k = params.k
