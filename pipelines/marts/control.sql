select
    department,
    settled_month as month,
    application_id,
    stage,
    pass,
    cast(1 as bigint) as settled,
    cast(case when overdue_net then 1 else 0 end as bigint) as overdue_net
from stages
where settled_month is not null
