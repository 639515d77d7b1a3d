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

-- Each department in each month since its first pass, whether or not anything came to it.
grid as (
    select
        every_month.month as month,
        departments.department as department,
        every_month.working_wd as working_wd
    from departments
    inner join every_month on departments.k = every_month.k
    where every_month.month >= departments.first_month
),

history as (
    select
        department,
        quantile_cont(cast(gross_wd as double), 0.5) as history_p50_wd,
        quantile_cont(cast(gross_wd as double), 0.8) as history_p80_wd
    from stages
    where state = 'finished'
    group by department
),

cases as (
    select
        month,
        department,
        cast(null as varchar) as application_id,
        cast(null as varchar) as stage,
        cast(null as bigint) as pass,
        cast(0 as bigint) as arrived,
        cast(0 as bigint) as finished,
        cast(0 as bigint) as open_end,
        cast(0 as bigint) as aged,
        cast(null as bigint) as lead_wd,
        cast(null as double) as age_wd
    from grid
    union all
    select
        started_month as month,
        department,
        application_id,
        stage,
        pass,
        cast(1 as bigint) as arrived,
        cast(0 as bigint) as finished,
        cast(0 as bigint) as open_end,
        cast(0 as bigint) as aged,
        cast(null as bigint) as lead_wd,
        cast(null as double) as age_wd
    from stages
    union all
    select
        finished_month as month,
        department,
        application_id,
        stage,
        pass,
        cast(0 as bigint) as arrived,
        cast(1 as bigint) as finished,
        cast(0 as bigint) as open_end,
        cast(0 as bigint) as aged,
        gross_wd as lead_wd,
        cast(null as double) as age_wd
    from stages
    where finished_month is not null
    union all
    select
        open_passes.month as month,
        open_passes.department as department,
        open_passes.application_id as application_id,
        open_passes.stage as stage,
        open_passes.pass as pass,
        cast(0 as bigint) as arrived,
        cast(0 as bigint) as finished,
        cast(1 as bigint) as open_end,
        cast(
            case when cast(open_passes.age_wd as double) > history.history_p80_wd then 1 else 0 end as bigint
        ) as aged,
        cast(null as bigint) as lead_wd,
        cast(open_passes.age_wd as double) as age_wd
    from open_passes
    left join history on open_passes.department = history.department
),

sums as (
    select
        month,
        department,
        sum(arrived) as arrived,
        sum(finished) as finished,
        sum(open_end) as open_end,
        sum(aged) as aged,
        cast(sum(lead_wd) as double) / nullif(sum(finished), 0) as mean_lead_wd
    from cases
    group by month, department
),

-- Of the open ones alone: the others have no age, and are twenty times as many.
ages as (
    select
        month,
        department,
        quantile_cont(cast(age_wd as double), 0.5) as p50_age_wd,
        quantile_cont(cast(age_wd as double), 0.8) as p80_age_wd
    from open_passes
    group by month, department
),

starts as (
    select
        month,
        department,
        coalesce(lag(open_end) over (partition by department order by month), 0) as open_start
    from sums
),

changes as (
    select
        sums.month as month,
        sums.department as department,
        starts.open_start as open_start,
        sums.open_end - starts.open_start as change,
        cast(sums.open_end - starts.open_start as double)
            / sqrt(cast(nullif(sums.arrived + sums.finished, 0) as double)) as z
    from sums
    inner join starts on sums.month = starts.month and sums.department = starts.department
)

select
    sums.month as month,
    sums.department as department,
    sums.arrived as arrived,
    sums.finished as finished,
    changes.open_start as open_start,
    sums.open_end as open_end,
    changes.change as change,
    case when changes.z > 1.96 then 'growing' when changes.z < -1.96 then 'shrinking' else 'steady' end as trend,
    grid.working_wd as working_wd,
    cast(sums.finished as double) / nullif(grid.working_wd, 0) as throughput_wd,
    sums.mean_lead_wd as mean_lead_wd,
    cast(sums.open_end * grid.working_wd as double) / nullif(sums.finished, 0) as little_wd,
    ages.p50_age_wd as p50_age_wd,
    ages.p80_age_wd as p80_age_wd,
    history.history_p50_wd as history_p50_wd,
    history.history_p80_wd as history_p80_wd,
    sums.aged as aged
from sums
inner join grid on sums.month = grid.month and sums.department = grid.department
inner join changes on sums.month = changes.month and sums.department = changes.department
left join ages on sums.month = ages.month and sums.department = ages.department
left join history on sums.department = history.department
order by month, department
