select
    application_id,
    stratum,
    mode,
    capacity_kva,
    voltage_kv,
    accepted_quarter,
    bureau
from applications
where state = 'energised'
