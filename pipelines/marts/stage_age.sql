select
    stage,
    application_id,
    pass,
    state = 'finished' as history,
    state = 'open' as open_now,
    case when state = 'finished' then elapsed_wd end as history_wd,
    case when state = 'open' then elapsed_wd end as age_wd
from stages
where state in ('finished', 'open')
