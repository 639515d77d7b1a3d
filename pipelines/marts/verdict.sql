select
    application_id,
    stage,
    pass,
    sequence,
    delay_id,
    cause,
    began_on,
    ended_on,
    reported_on,
    confirmed_on,
    ruling,
    ruled_on,
    verdict,
    admitted_wd
from claims
where stage is not null
