select
    settled_month as month,
    bureau,
    department,
    stage,
    mode,
    application_id,
    pass,
    overdue_gross,
    overdue_net,
    excluded_wd,
    provisional_wd,
    case when overdue_net then over_wd end as overdue_wd
from stages
where settled_month is not null
