with late as (
    select
        1 as k,
        department,
        application_id,
        bureau,
        mode,
        stage,
        pass,
        started_on,
        clock_on,
        clock_from,
        finished_on,
        due_on,
        limit_wd,
        gross_wd,
        excluded_wd,
        provisional_wd,
        net_wd,
        over_wd,
        breached_on,
        limit_source,
        proposed_milli,
        verified_milli,
        finding,
        verified_by,
        verified_on,
        verification_note,
        settled_month
    from stages
    where overdue_net
)

select
    late.department as department,
    late.application_id as application_id,
    late.bureau as bureau,
    late.mode as mode,
    late.stage as stage,
    late.pass as pass,
    late.started_on as started_on,
    late.clock_on as clock_on,
    late.clock_from as clock_from,
    late.finished_on as finished_on,
    late.due_on as due_on,
    late.limit_wd as limit_wd,
    late.gross_wd as gross_wd,
    late.excluded_wd as excluded_wd,
    late.provisional_wd as provisional_wd,
    late.net_wd as net_wd,
    late.over_wd as over_wd,
    late.breached_on as breached_on,
    late.limit_source as limit_source,
    late.proposed_milli as proposed_milli,
    late.finding as finding,
    late.verified_milli as verified_milli,
    late.verified_by as verified_by,
    late.verified_on as verified_on,
    late.verification_note as verification_note
from late
inner join params on late.k = params.k
where late.settled_month = params.month
