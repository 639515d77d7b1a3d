select
    department,
    stage,
    cause,
    verdict,
    count(*) as claims,
    sum(claimed_wd) as claimed_wd,
    sum(admitted_wd) as admitted_wd
from claims
group by department, stage, cause, verdict
order by department, stage, cause, verdict
