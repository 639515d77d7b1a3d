with awaited as (
    select
        1 as k,
        plan_week_on,
        planned_on,
        outage_id,
        application_id,
        bureau,
        manager_id,
        ready_on,
        waited_wd,
        days_to_plan,
        affects_others,
        outages_this_year,
        special_approval,
        announced_on,
        announced_ahead_days
    from outages
    where to_come
)

select
    awaited.plan_week_on as week_on,
    awaited.planned_on as planned_on,
    awaited.outage_id as outage_id,
    awaited.application_id as application_id,
    awaited.bureau as bureau,
    awaited.manager_id as manager_id,
    awaited.ready_on as ready_on,
    awaited.waited_wd as waited_wd,
    awaited.days_to_plan as days_to_plan,
    awaited.affects_others as affects_others,
    awaited.outages_this_year as outages_this_year,
    case
        when awaited.outages_this_year is null or awaited.outages_this_year < 3 then 'not_needed'
        when awaited.special_approval then 'approved'
        else 'missing'
    end as approval,
    awaited.announced_on as announced_on,
    awaited.announced_ahead_days as announced_ahead_days,
    case
        when not awaited.affects_others then 'not_needed'
        when awaited.planned_on is null then 'no_plan'
        when awaited.announced_ahead_days >= params.announce_days then 'in_time'
        when awaited.announced_on is not null then 'late'
        when awaited.days_to_plan < params.announce_days then 'missed'
        else 'to_come'
    end as announcement
from awaited
inner join params on awaited.k = params.k
