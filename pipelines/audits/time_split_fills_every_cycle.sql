select application_id, calendar_days
from applications
where
    state = 'energised'
    and calendar_days <> utility_work_days + utility_waiting_days + customer_days + government_days + other_days
