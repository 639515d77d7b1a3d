select
    application_id,
    customer_name,
    bureau,
    voltage_kv,
    capacity_kva,
    coalesce(supply, 'single') as supply,
    coalesce(new_feeder, false) as new_feeder,
    state,
    followed_days,
    stratum
from applications
where mode = 'order' and compared_in is null
