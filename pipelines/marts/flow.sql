with cases as (
    select
        from_stage,
        to_stage,
        kind,
        application_id,
        sequence,
        cast(1 as bigint) as transitions,
        cast(case when first_of_stages then 1 else 0 end as bigint) as applications,
        cast(case when rework then 1 else 0 end as bigint) as rework,
        cast(case when overlap then 1 else 0 end as bigint) as overlapping,
        wd,
        days
    from edges
)

select
    from_stage,
    to_stage,
    kind,
    sum(transitions) as transitions,
    sum(applications) as applications,
    sum(rework) as rework,
    sum(overlapping) as overlapping,
    quantile_cont(wd, 0.5) as median_wd,
    quantile_cont(wd, 0.9) as p90_wd,
    quantile_cont(days, 0.5) as median_days,
    quantile_cont(days, 0.9) as p90_days
from cases
group by from_stage, to_stage, kind
order by from_stage nulls first, to_stage nulls last, kind
