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

-- Whole fen, which add up in any order: to add 2⁵² and take it off again rounds, on every engine alike.
paid as (
    select
        applications.bureau as bureau,
        applications.application_id as application_id,
        applications.fee_charged as charged,
        applications.fee_standard as standard,
        cast(applications.fee_charged * 100.0 + 4503599627370496.0 - 4503599627370496.0 as bigint) as charged_fen,
        cast(applications.fee_standard * 100.0 + 4503599627370496.0 - 4503599627370496.0 as bigint) as standard_fen,
        cast(case when applications.fee_deviates then 1 else 0 end as bigint) as deviations
    from applications
    inner join recent on applications.energised_month = recent.month
    where applications.state = 'energised' and applications.fee_deviates is not null
),

bureaus as (
    select
        bureau,
        cast(count(*) as bigint) as n
    from paid
    group by bureau
),

-- Place 1 is the smallest of those with five or more, if there is one.
sizes as (
    select
        bureau,
        n,
        sum(n) over () as n_of_all,
        sum(case when n < 5 then n else 0 end) over () as n_of_small,
        row_number() over (order by case when n < 5 then 1 else 0 end, n, bureau) as place
    from bureaus
),

-- A rest below five takes in the smallest of the others; fewer than five in all, and nothing is shown.
shown as (
    select
        bureau,
        case
            when n < 5 then cast(null as varchar)
            when place = 1 and n_of_small between 1 and 4 then cast(null as varchar)
            else bureau
        end as shown_as
    from sizes
    where n_of_all >= 5
),

cases as (
    select
        shown.shown_as as bureau,
        paid.application_id as application_id,
        cast(1 as bigint) as applications,
        paid.charged as charged,
        paid.standard as standard,
        paid.charged_fen as charged_fen,
        paid.standard_fen as standard_fen,
        paid.deviations as deviations
    from paid
    inner join shown on paid.bureau = shown.bureau
)

select
    bureau,
    sum(applications) as applications,
    cast(sum(charged_fen) as double) / 100.0 as charged,
    cast(sum(standard_fen) as double) / 100.0 as standard,
    sum(deviations) as deviations
from cases
group by bureau
order by bureau nulls last
