with history as (
    select
        stage,
        department,
        count(*) as history,
        quantile_cont(cast(gross_wd as double), 0.5) as history_p50_wd,
        quantile_cont(cast(gross_wd as double), 0.8) as history_p80_wd,
        quantile_cont(cast(gross_wd as double), 0.95) as history_p95_wd
    from stages
    where state = 'finished'
    group by stage, department
),

waiting as (
    select
        application_id,
        stage,
        pass,
        department,
        bureau,
        mode,
        manager_id,
        started_on,
        gross_wd as age_wd,
        cast(gross_wd as double) as age
    from stages
    where state = 'open'
)

select
    waiting.application_id as application_id,
    waiting.stage as stage,
    waiting.pass as pass,
    waiting.department as department,
    waiting.bureau as bureau,
    waiting.mode as mode,
    waiting.manager_id as manager_id,
    waiting.started_on as started_on,
    waiting.age_wd as age_wd,
    coalesce(history.history, 0) as history,
    history.history_p50_wd as history_p50_wd,
    history.history_p80_wd as history_p80_wd,
    history.history_p95_wd as history_p95_wd,
    case
        when coalesce(history.history, 0) < 30 then 'no_history'
        when waiting.age <= history.history_p50_wd then 'within_p50'
        when waiting.age <= history.history_p80_wd then 'within_p80'
        when waiting.age <= history.history_p95_wd then 'within_p95'
        else 'beyond_p95'
    end as age_band
from waiting
left join history on waiting.stage = history.stage and waiting.department = history.department
order by application_id, stage, pass
