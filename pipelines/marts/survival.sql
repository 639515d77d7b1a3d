select
    application_id,
    voltage_class as scope,
    mode,
    state,
    followed_days as days
from applications
