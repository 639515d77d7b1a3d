select
    plan_week_on as week_on,
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
    case
        when outages_this_year is null or outages_this_year < 3 then 'not_needed'
        when special_approval then 'approved'
        else 'missing'
    end as approval,
    announced_on,
    announced_ahead_days,
    case
        when not affects_others then 'not_needed'
        when planned_on is null then 'no_plan'
        when announced_ahead_days >= 7 then 'in_time'
        when announced_on is not null then 'late'
        when days_to_plan < 7 then 'missed'
        else 'to_come'
    end as announcement
from outages
where to_come
