with energised as (
    select
        cast(1 as bigint) as k,
        application_id,
        designer,
        builder,
        supplier,
        dense_rank() over (order by energised_month) as month_number
    from applications
    where state = 'energised'
),

numbered as (
    select
        k,
        application_id,
        designer,
        builder,
        supplier,
        month_number,
        max(month_number) over () as last_number
    from energised
),

-- Those of the last months in which something was energised.
completed as (
    select
        numbered.application_id as application_id,
        numbered.designer as designer,
        numbered.builder as builder,
        numbered.supplier as supplier,
        params.min_cell as min_cell
    from numbered
    inner join params on numbered.k = params.k
    where numbered.month_number + params.recent_months > numbered.last_number
),

chosen as (
    select
        'designer' as role,
        designer as name,
        application_id,
        min_cell
    from completed
    where designer is not null
    union all
    select
        'builder' as role,
        builder as name,
        application_id,
        min_cell
    from completed
    where builder is not null
    union all
    select
        'supplier' as role,
        supplier as name,
        application_id,
        min_cell
    from completed
    where supplier is not null
),

sizes as (
    select
        role,
        name,
        application_id,
        min_cell,
        count(*) over (partition by role, name) as n,
        count(*) over (partition by role) as n_of_all
    from chosen
),

groups as (
    select
        role,
        name,
        application_id,
        min_cell,
        n,
        sum(case when n < min_cell then 1 else 0 end) over (partition by role) as n_of_small,
        min(case when n >= min_cell then n end) over (partition by role) as least_n
    from sizes
    where n_of_all >= min_cell
),

-- The smallest name of a role that could be shown alone.
smallest as (
    select
        role,
        name,
        application_id,
        min_cell,
        n,
        n_of_small,
        min(case when n = least_n then name end) over (partition by role) as least_name
    from groups
)

-- Small ones go together; if these are too few still, they take in the smallest of the others.
select
    role,
    case
        when n < min_cell then cast(null as varchar)
        when name = least_name and n_of_small > 0 and n_of_small < min_cell then cast(null as varchar)
        else name
    end as name,
    application_id
from smallest
