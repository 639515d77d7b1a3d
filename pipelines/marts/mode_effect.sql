select
    application_id,
    voltage_class as scope,
    stratum,
    mode,
    state,
    followed_days as days
from applications
