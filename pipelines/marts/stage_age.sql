with percentiles as (
    select
        stage,
        quantile_cont(cast(gross_wd as double), 0.5) as p50_wd,
        quantile_cont(cast(gross_wd as double), 0.8) as p80_wd,
        quantile_cont(cast(gross_wd as double), 0.95) as p95_wd
    from stages
    where state = 'finished'
    group by stage
),

cases as (
    select
        stage,
        application_id,
        pass,
        cast(1 as bigint) as history,
        cast(gross_wd as double) as history_wd,
        cast(0 as bigint) as open_now,
        cast(0 as bigint) as aged
    from stages
    where state = 'finished'
    union all
    select
        stages.stage as stage,
        stages.application_id as application_id,
        stages.pass as pass,
        cast(0 as bigint) as history,
        cast(null as double) as history_wd,
        cast(1 as bigint) as open_now,
        cast(case when cast(stages.gross_wd as double) > percentiles.p80_wd then 1 else 0 end as bigint) as aged
    from stages
    left join percentiles on stages.stage = percentiles.stage
    where stages.state = 'open'
),

counts as (
    select
        stage,
        sum(history) as history,
        sum(open_now) as open_now,
        sum(aged) as aged
    from cases
    group by stage
)

select
    counts.stage as stage,
    counts.history as history,
    percentiles.p50_wd as p50_wd,
    percentiles.p80_wd as p80_wd,
    percentiles.p95_wd as p95_wd,
    counts.open_now as open_now,
    counts.aged as aged
from counts
left join percentiles on counts.stage = percentiles.stage
order by stage
