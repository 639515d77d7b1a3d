with concerned as (
    select
        1 as k,
        department,
        application_id,
        stage,
        pass,
        started_on,
        due_on,
        overdue_gross,
        overdue_net,
        settled_month
    from stages
    where overdue_gross or claimed_wd > 0 or excluded_wd > 0
),

settled as (
    select
        concerned.department as department,
        concerned.application_id as application_id,
        concerned.stage as stage,
        concerned.pass as pass,
        concerned.started_on as started_on,
        concerned.due_on as due_on,
        case
            when concerned.overdue_net then 'still_overdue'
            when concerned.overdue_gross then 'excused'
            else 'not_overdue'
        end as outcome
    from concerned
    inner join params on concerned.k = params.k
    where concerned.settled_month = params.month
)

select
    settled.department as department,
    settled.application_id as application_id,
    settled.started_on as started_on,
    settled.stage as stage,
    settled.pass as pass,
    claims.sequence as sequence,
    claims.delay_id as delay_id,
    claims.cause as cause,
    claims.began_on as began_on,
    claims.ended_on as ended_on,
    claims.reported_on as reported_on,
    settled.due_on as due_on,
    claims.ruling as ruling,
    claims.ruled_on as ruled_on,
    claims.verdict as verdict,
    claims.claimed_wd as claimed_wd,
    claims.admitted_wd as admitted_wd,
    claims.provisional_wd as provisional_wd,
    claims.lapsed_wd as lapsed_wd,
    claims.reason as reason,
    settled.outcome as outcome
from settled
inner join claims
    on settled.application_id = claims.application_id
    and settled.stage = claims.stage
    and settled.pass = claims.pass
