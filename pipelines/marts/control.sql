select
    department,
    settled_month as month,
    overdue_net,
    application_id,
    stage,
    pass
from stages
where settled_month is not null
order by department, month, application_id, stage, pass
