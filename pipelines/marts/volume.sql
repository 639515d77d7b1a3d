with every_month as (
    select
        1 as k,
        month,
        year_before,
        january
    from month_days
),

-- What is the same of every month: its year before, where the data reach back so far.
years as (
    select
        every_month.k as k,
        every_month.month as month,
        earlier.month as year_before
    from every_month
    inner join every_month as earlier on every_month.year_before = earlier.month
),

groups as (
    select
        1 as k,
        bureau,
        mode,
        voltage_class
    from applications
    group by bureau, mode, voltage_class
),

events as (
    select
        accepted_month as month,
        bureau,
        mode,
        voltage_class,
        application_id,
        'accepted' as event,
        capacity_va as va
    from applications
    union all
    select energised_month as month, bureau, mode, voltage_class, application_id, 'energised' as event, capacity_va as va
    from applications
    where energised_month is not null
    union all
    select cancelled_month as month, bureau, mode, voltage_class, application_id, 'cancelled' as event, capacity_va as va
    from applications
    where cancelled_month is not null
    union all
    select month, bureau, mode, voltage_class, application_id, 'open' as event, capacity_va as va
    from open_months
),

cells as (
    select
        1 as k,
        month,
        bureau,
        mode,
        voltage_class,
        sum(case when event = 'accepted' then 1 else 0 end) as accepted,
        sum(case when event = 'accepted' then va else 0 end) as accepted_va,
        sum(case when event = 'energised' then 1 else 0 end) as energised,
        sum(case when event = 'energised' then va else 0 end) as energised_va,
        sum(case when event = 'cancelled' then 1 else 0 end) as cancelled,
        sum(case when event = 'cancelled' then va else 0 end) as cancelled_va,
        sum(case when event = 'open' then 1 else 0 end) as open_end,
        sum(case when event = 'open' then va else 0 end) as open_va
    from events
    group by month, bureau, mode, voltage_class
)

-- What happened in the month.
select
    month,
    bureau,
    mode,
    voltage_class,
    application_id,
    event,
    case when event = 'accepted' then cast(1 as bigint) else cast(0 as bigint) end as accepted,
    case when event = 'accepted' then va else cast(0 as bigint) end as accepted_va,
    case when event = 'energised' then cast(1 as bigint) else cast(0 as bigint) end as energised,
    case when event = 'energised' then va else cast(0 as bigint) end as energised_va,
    case when event = 'cancelled' then cast(1 as bigint) else cast(0 as bigint) end as cancelled,
    case when event = 'cancelled' then va else cast(0 as bigint) end as cancelled_va,
    case when event = 'open' then cast(1 as bigint) else cast(0 as bigint) end as open_end,
    case when event = 'open' then va else cast(0 as bigint) end as open_va,
    cast(null as bigint) as accepted_before,
    cast(null as bigint) as accepted_before_va,
    cast(null as bigint) as energised_before,
    cast(null as bigint) as energised_before_va,
    cast(null as bigint) as cancelled_before,
    cast(null as bigint) as cancelled_before_va,
    cast(null as bigint) as open_before,
    cast(null as bigint) as open_before_va,
    cast(0 as bigint) as accepted_year,
    cast(0 as bigint) as accepted_year_va,
    cast(0 as bigint) as energised_year,
    cast(0 as bigint) as energised_year_va,
    cast(0 as bigint) as cancelled_year,
    cast(0 as bigint) as cancelled_year_va,
    cast(0 as bigint) as accepted_total,
    cast(0 as bigint) as energised_total,
    cast(0 as bigint) as cancelled_total
from events
union all
-- In the same month of the year before: nothing, where the data reach back so far and nothing else is found.
select
    years.month as month,
    groups.bureau as bureau,
    groups.mode as mode,
    groups.voltage_class as voltage_class,
    cast(null as varchar) as application_id,
    'year_before' as event,
    cast(0 as bigint) as accepted,
    cast(0 as bigint) as accepted_va,
    cast(0 as bigint) as energised,
    cast(0 as bigint) as energised_va,
    cast(0 as bigint) as cancelled,
    cast(0 as bigint) as cancelled_va,
    cast(0 as bigint) as open_end,
    cast(0 as bigint) as open_va,
    coalesce(cells.accepted, 0) as accepted_before,
    coalesce(cells.accepted_va, 0) as accepted_before_va,
    coalesce(cells.energised, 0) as energised_before,
    coalesce(cells.energised_va, 0) as energised_before_va,
    coalesce(cells.cancelled, 0) as cancelled_before,
    coalesce(cells.cancelled_va, 0) as cancelled_before_va,
    coalesce(cells.open_end, 0) as open_before,
    coalesce(cells.open_va, 0) as open_before_va,
    cast(0 as bigint) as accepted_year,
    cast(0 as bigint) as accepted_year_va,
    cast(0 as bigint) as energised_year,
    cast(0 as bigint) as energised_year_va,
    cast(0 as bigint) as cancelled_year,
    cast(0 as bigint) as cancelled_year_va,
    cast(0 as bigint) as accepted_total,
    cast(0 as bigint) as energised_total,
    cast(0 as bigint) as cancelled_total
from years
inner join groups on years.k = groups.k
left join cells
    on years.year_before = cells.month
    and groups.bureau = cells.bureau
    and groups.mode = cells.mode
    and groups.voltage_class = cells.voltage_class
union all
-- Up to the month: since January, and since the first month of the data.
select
    every_month.month as month,
    cells.bureau as bureau,
    cells.mode as mode,
    cells.voltage_class as voltage_class,
    cast(null as varchar) as application_id,
    'up_to_month' as event,
    cast(0 as bigint) as accepted,
    cast(0 as bigint) as accepted_va,
    cast(0 as bigint) as energised,
    cast(0 as bigint) as energised_va,
    cast(0 as bigint) as cancelled,
    cast(0 as bigint) as cancelled_va,
    cast(0 as bigint) as open_end,
    cast(0 as bigint) as open_va,
    cast(null as bigint) as accepted_before,
    cast(null as bigint) as accepted_before_va,
    cast(null as bigint) as energised_before,
    cast(null as bigint) as energised_before_va,
    cast(null as bigint) as cancelled_before,
    cast(null as bigint) as cancelled_before_va,
    cast(null as bigint) as open_before,
    cast(null as bigint) as open_before_va,
    case when cells.month >= every_month.january then cells.accepted else 0 end as accepted_year,
    case when cells.month >= every_month.january then cells.accepted_va else 0 end as accepted_year_va,
    case when cells.month >= every_month.january then cells.energised else 0 end as energised_year,
    case when cells.month >= every_month.january then cells.energised_va else 0 end as energised_year_va,
    case when cells.month >= every_month.january then cells.cancelled else 0 end as cancelled_year,
    case when cells.month >= every_month.january then cells.cancelled_va else 0 end as cancelled_year_va,
    cells.accepted as accepted_total,
    cells.energised as energised_total,
    cells.cancelled as cancelled_total
from every_month
inner join cells on every_month.k = cells.k
where cells.month <= every_month.month
