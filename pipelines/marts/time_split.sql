select
    energised_month as month,
    bureau,
    mode,
    application_id,
    calendar_days,
    utility_work_days,
    utility_waiting_days,
    customer_days,
    government_days,
    other_days
from applications
where state = 'energised'
