select
    request_id,
    application_id,
    customer,
    topic,
    raised_on,
    departments,
    answered,
    answered_same_day,
    state,
    settled_on,
    open_days,
    waiting_for
from requests
