with percentiles as (
    select
        stage,
        quantile_cont(cast(gross_wd as double), 0.8) as p80_wd
    from stages
    where state = 'finished'
    group by stage
),

cases as (
    select
        stages.stage as stage,
        stages.application_id as application_id,
        stages.pass as pass,
        cast(case when stages.state = 'finished' then 1 else 0 end as bigint) as history,
        case when stages.state = 'finished' then cast(stages.gross_wd as double) end as history_wd,
        cast(case when stages.state = 'open' then 1 else 0 end as bigint) as open_now,
        cast(
            case
                when stages.state = 'open' and cast(stages.gross_wd as double) > percentiles.p80_wd then 1
                else 0
            end as bigint
        ) as aged
    from stages
    left join percentiles on stages.stage = percentiles.stage
    where stages.state = 'finished' or stages.state = 'open'
)

select
    stage,
    sum(history) as history,
    quantile_cont(history_wd, 0.5) as p50_wd,
    quantile_cont(history_wd, 0.8) as p80_wd,
    quantile_cont(history_wd, 0.95) as p95_wd,
    sum(open_now) as open_now,
    sum(aged) as aged
from cases
group by stage
order by stage
