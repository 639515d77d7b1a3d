select
    settled_month as month,
    department,
    application_id,
    stage,
    pass,
    overdue_gross,
    overdue_net
from stages
where settled_month is not null
