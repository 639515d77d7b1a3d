with cells as (
    select
        1 as k,
        settled_month as month,
        stage,
        mode,
        count(*) as settled,
        sum(case when overdue_net then 1 else 0 end) as overdue
    from stages
    where settled_month is not null
    group by settled_month, stage, mode
),

every_month as (
    select
        1 as k,
        month,
        year_from
    from month_days
),

-- Of each month, stage and mode: the twelve months up to it, in all departments together.
history as (
    select
        every_month.month as month,
        cells.stage as stage,
        cells.mode as mode,
        sum(cells.settled) as settled,
        sum(cells.overdue) as overdue
    from every_month
    inner join cells on every_month.k = cells.k
    where cells.month >= every_month.year_from and cells.month <= every_month.month
    group by every_month.month, cells.stage, cells.mode
)

select
    stages.settled_month as month,
    stages.department as department,
    stages.application_id as application_id,
    stages.stage as stage,
    stages.pass as pass,
    stages.overdue_gross as overdue_gross,
    stages.overdue_net as overdue_net,
    history.overdue as overdue_year,
    history.settled as settled_year
from stages
inner join history
    on stages.settled_month = history.month
    and stages.stage = history.stage
    and stages.mode = history.mode
