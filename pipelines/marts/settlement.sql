with judged as (
    select
        1 as k,
        application_id,
        stage,
        pass,
        department,
        handler,
        manager_id,
        started_on,
        clock_on,
        finished_on,
        planned_due_on,
        limit_wd,
        excluded_wd,
        net_wd,
        overdue_net,
        settled_on,
        settled_month,
        proposed_milli,
        verified_milli,
        finding
    from stages
    where settled_month is not null or state = 'open' or state = 'planned' or state = 'waiting'
)

select
    judged.application_id as application_id,
    judged.stage as stage,
    judged.pass as pass,
    judged.department as department,
    judged.handler as handler,
    judged.manager_id as manager_id,
    judged.started_on as started_on,
    judged.clock_on as clock_on,
    judged.finished_on as finished_on,
    judged.planned_due_on as planned_due_on,
    judged.limit_wd as limit_wd,
    judged.excluded_wd as excluded_wd,
    judged.net_wd as net_wd,
    judged.overdue_net as overdue_net,
    judged.settled_on as settled_on,
    judged.settled_month as settled_month,
    judged.proposed_milli as proposed_milli,
    judged.verified_milli as verified_milli,
    judged.finding as finding
from judged
inner join params on judged.k = params.k
where judged.settled_month is null or judged.settled_month >= params.month_before
