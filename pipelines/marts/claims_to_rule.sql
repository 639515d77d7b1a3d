with pending as (
    select
        application_id,
        stage,
        pass,
        department,
        manager_id,
        sequence,
        delay_id,
        cause,
        began_on,
        ended_on,
        reported_on,
        confirmed_on,
        reason,
        verdict,
        age_wd,
        claimed_wd,
        lapsed_wd,
        over_if_admitted_wd,
        over_if_rejected_wd
    from claims
    where ruling = 'pending' and is_excludable
    union all
    select
        application_id,
        stage,
        pass,
        department,
        manager_id,
        sequence,
        delay_id,
        cause,
        began_on,
        ended_on,
        reported_on,
        confirmed_on,
        reason,
        verdict,
        age_wd,
        claimed_wd,
        lapsed_wd,
        over_if_admitted_wd,
        over_if_rejected_wd
    from application_claims
    where ruling = 'pending' and is_excludable
)

select
    pending.application_id as application_id,
    applications.customer_name as customer_name,
    applications.bureau as bureau,
    pending.stage as stage,
    pending.pass as pass,
    pending.department as department,
    pending.manager_id as manager_id,
    pending.sequence as sequence,
    pending.delay_id as delay_id,
    pending.cause as cause,
    pending.began_on as began_on,
    pending.ended_on as ended_on,
    pending.reported_on as reported_on,
    pending.confirmed_on as confirmed_on,
    pending.verdict as verdict,
    pending.age_wd as age_wd,
    pending.claimed_wd as claimed_wd,
    pending.lapsed_wd as lapsed_wd,
    pending.over_if_admitted_wd as over_if_admitted_wd,
    pending.over_if_rejected_wd as over_if_rejected_wd,
    coalesce(pending.over_if_admitted_wd = 0 and pending.over_if_rejected_wd > 0, false) as turns,
    pending.reason as reason
from pending
inner join applications on pending.application_id = applications.application_id
