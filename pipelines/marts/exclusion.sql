with cases as (
    select
        department,
        stage,
        cause,
        verdict,
        application_id,
        pass,
        delay_id,
        cast(1 as bigint) as claims,
        claimed_wd,
        admitted_wd
    from claims
)

select
    department,
    stage,
    cause,
    verdict,
    sum(claims) as claims,
    sum(claimed_wd) as claimed_wd,
    sum(admitted_wd) as admitted_wd
from cases
group by department, stage, cause, verdict
order by department, stage, cause, verdict
