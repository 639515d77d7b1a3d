-- A stage counts once at each level: in its bureau, and in each unit that the bureau belongs to.
select
    stages.settled_month as month,
    units.level_at as level_at,
    units.level as level,
    units.unit as unit,
    units.part_of as part_of,
    stages.application_id as application_id,
    stages.stage as stage,
    stages.pass as pass,
    stages.net_wd as net_wd,
    stages.overdue_net as overdue_net,
    case when stages.overdue_net then stages.verified_milli else 0 end as points_milli
from stages
inner join units on stages.bureau = units.bureau
where stages.settled_month is not null
