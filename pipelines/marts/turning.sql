with either as (
    select
        1 as k,
        department,
        application_id,
        bureau,
        mode,
        stage,
        pass,
        started_on,
        finished_on,
        due_on,
        limit_wd,
        gross_wd,
        excluded_wd,
        provisional_wd,
        net_wd,
        overdue_net,
        settled_month,
        other_overdue_net,
        other_settled_month
    from stages
    where overdue_net <> other_overdue_net or coalesce(settled_month <> other_settled_month, true)
)

select
    either.department as department,
    either.application_id as application_id,
    either.bureau as bureau,
    either.mode as mode,
    either.stage as stage,
    either.pass as pass,
    either.started_on as started_on,
    either.finished_on as finished_on,
    either.due_on as due_on,
    either.limit_wd as limit_wd,
    either.gross_wd as gross_wd,
    either.excluded_wd as excluded_wd,
    either.provisional_wd as provisional_wd,
    either.net_wd as net_wd,
    either.overdue_net as overdue_net,
    either.settled_month as settled_month,
    either.other_overdue_net as other_overdue_net,
    either.other_settled_month as other_settled_month
from either
inner join params on either.k = params.k
where either.settled_month = params.month or either.other_settled_month = params.month
