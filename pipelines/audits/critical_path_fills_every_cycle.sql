with child as (
    select 1 as k, sum(critical_work_days) + sum(critical_wait_days) as days
    from stages
    where application_state = 'energised'
),

parent as (
    select 1 as k, sum(calendar_days) as days, sum(lead_days) + sum(tail_days) as beside
    from applications
    where state = 'energised'
)
select parent.days as expected, parent.beside as beside, child.days as found
from parent
inner join child on parent.k = child.k
where parent.days <> parent.beside + coalesce(child.days, 0)
