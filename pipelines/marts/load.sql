with every_month as (
    select
        month,
        working_wd,
        cast(1 as bigint) as k
    from month_days
),

departments as (
    select
        department,
        min(started_month) as first_month,
        cast(1 as bigint) as k
    from stages
    group by department
),

history as (
    select
        department,
        elapsed_wd
    from stages
    where state = 'finished'
)

-- Each department in each month since its first pass, whether or not anything came to it; then what came.
select
    every_month.month as month,
    departments.department as department,
    cast(null as varchar) as application_id,
    cast(null as varchar) as stage,
    cast(null as bigint) as pass,
    false as arrived,
    false as finished,
    false as open_end,
    cast(null as bigint) as lead_wd,
    cast(null as bigint) as age_wd,
    every_month.working_wd as working_wd
from departments
inner join every_month on departments.k = every_month.k
where every_month.month >= departments.first_month
union all
select
    started_month as month,
    department,
    application_id,
    stage,
    pass,
    true as arrived,
    false as finished,
    false as open_end,
    cast(null as bigint) as lead_wd,
    cast(null as bigint) as age_wd,
    cast(null as bigint) as working_wd
from stages
where started_month is not null
union all
select
    finished_month as month,
    department,
    application_id,
    stage,
    pass,
    false as arrived,
    true as finished,
    false as open_end,
    elapsed_wd as lead_wd,
    cast(null as bigint) as age_wd,
    cast(null as bigint) as working_wd
from stages
where finished_month is not null
union all
select
    month,
    department,
    application_id,
    stage,
    pass,
    false as arrived,
    false as finished,
    true as open_end,
    cast(null as bigint) as lead_wd,
    age_wd,
    cast(null as bigint) as working_wd
from open_passes
