with applicants as (
    select
        cast(1 as bigint) as k,
        bureau,
        application_id,
        coalesce(customer_name, application_id) as customer,
        manager_id,
        voltage_kv
    from applications
    where state <> 'cancelled'
)

-- Two kinds of cases: applications of large customers, and managers.
select
    applicants.bureau as bureau,
    applicants.application_id as application_id,
    applicants.manager_id as manager_id,
    applicants.customer as customer,
    case when applicants.manager_id is not null then applicants.customer end as managed_customer,
    false as full_time,
    false as part_time,
    cast(null as bigint) as customers_served
from applicants
inner join params on applicants.k = params.k
where applicants.voltage_kv >= params.large_kv
union all
select
    bureau,
    cast(null as varchar) as application_id,
    manager_id,
    cast(null as varchar) as customer,
    cast(null as varchar) as managed_customer,
    full_time,
    not full_time as part_time,
    customers as customers_served
from managers
