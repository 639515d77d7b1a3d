with cases as (
    select
        from_department,
        to_department,
        application_id,
        sequence,
        cast(1 as bigint) as transitions,
        cast(case when first_of_departments then 1 else 0 end as bigint) as applications,
        cast(case when overlap then 1 else 0 end as bigint) as overlapping,
        wd,
        days
    from edges
    where from_department is not null and to_department is not null
)

select
    from_department,
    to_department,
    from_department <> to_department as changes_hands,
    sum(transitions) as transitions,
    sum(applications) as applications,
    sum(overlapping) as overlapping,
    quantile_cont(wd, 0.5) as median_wd,
    quantile_cont(wd, 0.9) as p90_wd,
    quantile_cont(days, 0.5) as median_days,
    quantile_cont(days, 0.9) as p90_days
from cases
group by from_department, to_department
order by from_department, to_department
