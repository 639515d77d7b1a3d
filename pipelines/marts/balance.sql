select
    application_id,
    compared_in as stratum,
    mode,
    capacity_kva,
    coalesce(key_project, false) as key_project,
    voltage_kv,
    accepted_quarter,
    accepted_month,
    bureau
from applications
