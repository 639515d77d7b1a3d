select
    department,
    stage,
    cause,
    verdict,
    application_id,
    pass,
    delay_id,
    claimed_wd,
    admitted_wd
from claims
