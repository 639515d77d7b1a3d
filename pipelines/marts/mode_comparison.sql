select
    application_id,
    stratum,
    voltage_kv,
    coalesce(supply, 'single') as supply,
    coalesce(new_feeder, false) as new_feeder,
    capacity_band,
    mode,
    calendar_days as days
from applications
where state = 'energised'
