with finished as (
    select
        application_id,
        customer_name,
        bureau,
        voltage_kv,
        capacity_kva,
        coalesce(supply, 'single') as supply,
        coalesce(new_feeder, false) as new_feeder,
        mode,
        calendar_days,
        stratum
    from applications
    where state = 'energised'
),

controls as (
    select stratum, count(*) as conventional_n
    from finished
    where mode = 'conventional'
    group by stratum
)

select
    finished.application_id as application_id,
    finished.customer_name as customer_name,
    finished.bureau as bureau,
    finished.voltage_kv as voltage_kv,
    finished.capacity_kva as capacity_kva,
    finished.supply as supply,
    finished.new_feeder as new_feeder,
    finished.calendar_days as calendar_days,
    finished.stratum as stratum
from finished
left join controls on finished.stratum = controls.stratum
where finished.mode = 'order' and controls.conventional_n is null
order by application_id
