-- Two kinds of cases: applications of large customers, and managers.
with large as (
    select
        cast(1 as bigint) as k,
        bureau,
        application_id,
        coalesce(customer_name, application_id) as customer,
        manager_id,
        voltage_kv
    from applications
    where state <> 'cancelled'
),

staff as (
    select
        cast(1 as bigint) as k,
        bureau,
        manager_id,
        full_time,
        customers
    from managers
),

cases as (
    select
        large.bureau as bureau,
        large.application_id as application_id,
        large.manager_id as manager_id,
        large.customer as customer,
        case when large.manager_id is not null then large.customer end as managed_customer,
        cast(0 as bigint) as full_time,
        cast(0 as bigint) as part_time,
        cast(null as bigint) as customers_served,
        params.customers_per_manager as target
    from large
    inner join params on large.k = params.k
    where large.voltage_kv >= params.large_kv
    union all
    select
        staff.bureau as bureau,
        cast(null as varchar) as application_id,
        staff.manager_id as manager_id,
        cast(null as varchar) as customer,
        cast(null as varchar) as managed_customer,
        cast(case when staff.full_time then 1 else 0 end as bigint) as full_time,
        cast(case when staff.full_time then 0 else 1 end as bigint) as part_time,
        staff.customers as customers_served,
        params.customers_per_manager as target
    from staff
    inner join params on staff.k = params.k
),

bureaus as (
    select
        cast(1 as bigint) as k,
        bureau,
        cast(count(distinct customer) as bigint) as large_customers,
        cast(count(distinct managed_customer) as bigint) as with_manager,
        sum(full_time) as full_time,
        sum(part_time) as part_time,
        sum(customers_served) as customers_served,
        max(target) as target
    from cases
    group by bureau
),

figures as (
    select
        bureaus.bureau as bureau,
        bureaus.large_customers as large_customers,
        bureaus.with_manager as with_manager,
        bureaus.target as target,
        case when params.has_managers then bureaus.full_time end as full_time,
        case when params.has_managers then bureaus.part_time end as part_time,
        case when params.has_managers then bureaus.customers_served end as customers_served
    from bureaus
    inner join params on bureaus.k = params.k
)

select
    bureau,
    large_customers,
    with_manager,
    cast(with_manager as double) / nullif(large_customers, 0) as covered_share,
    full_time,
    part_time,
    customers_served,
    cast(large_customers as double) / nullif(full_time, 0) as customers_per_full_time,
    target,
    cast(large_customers as double) / nullif(full_time, 0) <= target as meets
from figures
order by bureau
