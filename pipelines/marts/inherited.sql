with late as (
    select
        1 as k,
        application_id,
        stage,
        pass,
        department,
        bureau,
        mode,
        state,
        planned_due_on,
        started_on,
        due_on,
        limit_wd,
        net_wd,
        overdue_net,
        inherited_wd,
        late_stage,
        late_department,
        late_finished_on,
        finished_on
    from stages
    where inherited_wd is not null and state <> 'stopped'
)

select
    late.late_department as late_department,
    late.late_stage as late_stage,
    late.late_finished_on as late_finished_on,
    late.inherited_wd as inherited_wd,
    late.department as department,
    late.application_id as application_id,
    late.stage as stage,
    late.pass as pass,
    late.bureau as bureau,
    late.mode as mode,
    late.state as state,
    late.planned_due_on as planned_due_on,
    late.started_on as started_on,
    late.due_on as due_on,
    late.limit_wd as limit_wd,
    late.net_wd as net_wd,
    late.overdue_net as overdue_net
from late
inner join params on late.k = params.k
where late.finished_on is null or late.finished_on >= params.period_from
