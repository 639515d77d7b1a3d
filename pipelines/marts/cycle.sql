select
    energised_month as month,
    bureau,
    mode,
    voltage_kv,
    application_id,
    calendar_days,
    gross_wd,
    net_wd,
    promised_on is not null as promised,
    promise_kept,
    all_met
from applications
where state = 'energised'
