-- The last twelve months in which something was energised.
with months as (
    select
        energised_month as month,
        count(*) as energised
    from applications
    where state = 'energised'
    group by energised_month
),

numbered as (
    select
        month,
        rank() over (order by month) as number
    from months
),

last_number as (
    select
        cast(1 as bigint) as k,
        max(number) as number
    from numbered
),

keyed as (
    select
        cast(1 as bigint) as k,
        month,
        number
    from numbered
),

recent as (
    select keyed.month as month
    from keyed
    inner join last_number on keyed.k = last_number.k
    where keyed.number + 12 > last_number.number
),

completed as (
    select
        applications.application_id as application_id,
        applications.designer as designer,
        applications.builder as builder,
        applications.supplier as supplier
    from applications
    inner join recent on applications.energised_month = recent.month
    where applications.state = 'energised'
),

chosen as (
    select
        'designer' as role,
        designer as name,
        application_id
    from completed
    where designer is not null
    union all
    select
        'builder' as role,
        builder as name,
        application_id
    from completed
    where builder is not null
    union all
    select
        'supplier' as role,
        supplier as name,
        application_id
    from completed
    where supplier is not null
),

names as (
    select
        role,
        name,
        cast(count(*) as bigint) as n
    from chosen
    group by role, name
),

-- Place 1 is the smallest of those with five or more, if there is one.
sizes as (
    select
        role,
        name,
        n,
        sum(n) over (partition by role) as n_of_all,
        sum(case when n < 5 then n else 0 end) over (partition by role) as n_of_small,
        row_number() over (partition by role order by case when n < 5 then 1 else 0 end, n, name) as place
    from names
),

-- A rest below five takes in the smallest of the others; fewer than five in all, and nothing is shown.
shown as (
    select
        role,
        name,
        n_of_all,
        case
            when n < 5 then cast(null as varchar)
            when place = 1 and n_of_small between 1 and 4 then cast(null as varchar)
            else name
        end as shown_as
    from sizes
    where n_of_all >= 5
),

cases as (
    select
        shown.role as role,
        shown.shown_as as name,
        chosen.application_id as application_id,
        cast(1 as bigint) as projects,
        shown.n_of_all as projects_of_role
    from chosen
    inner join shown on chosen.role = shown.role and chosen.name = shown.name
)

select
    role,
    name,
    sum(projects) as projects,
    cast(sum(projects) as double) / max(projects_of_role) as share
from cases
group by role, name
order by role, name nulls last
