with cases as (
    select
        variant,
        application_id,
        cast(1 as bigint) as applications,
        passes as stages,
        passes_rework as rework,
        cast(case when state = 'energised' then 1 else 0 end as bigint) as energised,
        cast(case when state = 'open' then 1 else 0 end as bigint) as open_now,
        case when state = 'energised' then calendar_days end as calendar_days
    from applications
),

counts as (
    select
        variant,
        cast(1 as bigint) as k,
        sum(applications) as applications,
        max(stages) as stages,
        max(rework) as rework,
        sum(energised) as energised,
        sum(open_now) as open_now,
        sum(calendar_days) as calendar_days,
        quantile_cont(calendar_days, 0.5) as median_days,
        -sum(applications) as fewest_last
    from cases
    group by variant
),

totals as (
    select
        cast(1 as bigint) as k,
        sum(applications) as applications
    from counts
)

select
    counts.variant as variant,
    rank() over (order by counts.fewest_last) as rank,
    counts.applications as applications,
    cast(counts.applications as double) / nullif(totals.applications, 0) as share,
    counts.stages as stages,
    counts.rework as rework,
    counts.energised as energised,
    counts.open_now as open_now,
    cast(counts.calendar_days as double) / nullif(counts.energised, 0) as mean_days,
    counts.median_days as median_days
from counts
inner join totals on counts.k = totals.k
order by variant nulls first
