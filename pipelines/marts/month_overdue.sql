select
    settled_month as month,
    application_id,
    stage,
    pass,
    true as settled,
    overdue_gross,
    overdue_net,
    false as other_settled,
    false as other_overdue_net
from stages
where settled_month is not null
union all
select
    other_settled_month as month,
    application_id,
    stage,
    pass,
    false as settled,
    false as overdue_gross,
    false as overdue_net,
    true as other_settled,
    other_overdue_net
from stages
where other_settled_month is not null
