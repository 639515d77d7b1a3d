select
    month,
    reason,
    application_id,
    number,
    coalesce(slip_days, 0) as slip_days,
    slip_days as known_slip_days
from replans
