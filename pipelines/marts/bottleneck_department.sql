-- One row a pass. The critical path of a cancelled application leads nowhere: it counts in no share.
with cases as (
    select
        department,
        stage,
        application_id,
        pass,
        cast(1 as bigint) as passes,
        cast(case when rework then 1 else 0 end as bigint) as rework,
        net_wd,
        waiting_wd,
        case when application_state = 'cancelled' then cast(0 as bigint) else critical_wd end as critical_wd,
        case when application_state = 'energised' then critical_work_days else cast(0 as bigint) end
            as critical_work_days,
        case when application_state = 'energised' then critical_wait_days else cast(0 as bigint) end
            as critical_wait_days,
        cast(case when state = 'open' then 1 else 0 end as bigint) as open_now,
        case when state = 'open' then gross_wd end as open_age_wd,
        saved_at_limit_days,
        saved_half_wait_days
    from stages
),

-- Halves of days add up exactly, in whatever order.
sums as (
    select
        department,
        cast(1 as bigint) as k,
        sum(passes) as passes,
        sum(rework) as rework,
        sum(net_wd) as net_wd,
        sum(waiting_wd) as waiting_wd,
        sum(critical_wd) as critical_wd,
        sum(critical_work_days) as critical_work_days,
        sum(critical_wait_days) as critical_wait_days,
        sum(open_now) as open_now,
        quantile_cont(open_age_wd, 0.8) as open_p80_age_wd,
        sum(saved_at_limit_days) as saved_at_limit_days,
        sum(saved_half_wait_days) as saved_half_wait_days
    from cases
    group by department
),

totals as (
    select
        cast(1 as bigint) as k,
        sum(critical_wd) as critical_wd
    from sums
),

cycles as (
    select
        cast(1 as bigint) as k,
        cast(count(calendar_days) as bigint) as energised,
        cast(sum(calendar_days) as double) as cycle_days
    from applications
    where state = 'energised'
)

select
    sums.department as department,
    sums.passes as passes,
    sums.rework as rework,
    sums.net_wd as net_wd,
    sums.waiting_wd as waiting_wd,
    sums.critical_wd as critical_wd,
    cast(sums.critical_wd as double) / nullif(totals.critical_wd, 0) as critical_share,
    sums.critical_work_days as critical_work_days,
    sums.critical_wait_days as critical_wait_days,
    sums.open_now as open_now,
    sums.open_p80_age_wd as open_p80_age_wd,
    sums.saved_at_limit_days as saved_at_limit_days,
    sums.saved_half_wait_days as saved_half_wait_days,
    cycles.energised as energised,
    cast(cycles.cycle_days as double) / nullif(cycles.energised, 0) as mean_days,
    cast(sums.saved_at_limit_days as double) / nullif(cycles.energised, 0) as what_if_days,
    cast(sums.saved_half_wait_days as double) / nullif(cycles.energised, 0) as what_if_half_wait_days,
    cast(cycles.cycle_days - sums.saved_at_limit_days as double) / nullif(cycles.energised, 0) as mean_at_limit_days,
    cast(cycles.cycle_days - sums.saved_half_wait_days as double) / nullif(cycles.energised, 0) as mean_half_wait_days
from sums
inner join totals on sums.k = totals.k
inner join cycles on sums.k = cycles.k
order by department
