with controls as (
    select
        stratum,
        count(*) as conventional_n
    from applications
    where state = 'energised' and mode = 'conventional'
    group by stratum
)

select
    applications.application_id as application_id,
    applications.customer_name as customer_name,
    applications.bureau as bureau,
    applications.voltage_kv as voltage_kv,
    applications.capacity_kva as capacity_kva,
    coalesce(applications.supply, 'single') as supply,
    coalesce(applications.new_feeder, false) as new_feeder,
    applications.calendar_days as calendar_days,
    applications.stratum as stratum
from applications
left join controls on applications.stratum = controls.stratum
where applications.state = 'energised' and applications.mode = 'order' and controls.conventional_n is null
