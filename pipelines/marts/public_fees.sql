with energised as (
    select
        cast(1 as bigint) as k,
        bureau,
        application_id,
        fee_charged_fen,
        fee_standard_fen,
        fee_deviates,
        dense_rank() over (order by energised_month) as month_number
    from applications
    where state = 'energised'
),

numbered as (
    select
        k,
        bureau,
        application_id,
        fee_charged_fen,
        fee_standard_fen,
        fee_deviates,
        month_number,
        max(month_number) over () as last_number
    from energised
),

-- Those of the last months in which something was energised.
paid as (
    select
        numbered.bureau as bureau,
        numbered.application_id as application_id,
        numbered.fee_charged_fen as charged_fen,
        numbered.fee_standard_fen as standard_fen,
        numbered.fee_deviates as deviates,
        params.min_cell as min_cell
    from numbered
    inner join params on numbered.k = params.k
    where numbered.fee_deviates is not null and numbered.month_number + params.recent_months > numbered.last_number
),

sizes as (
    select
        bureau,
        application_id,
        charged_fen,
        standard_fen,
        deviates,
        min_cell,
        count(*) over (partition by bureau) as n,
        count(*) over () as n_of_all
    from paid
),

groups as (
    select
        bureau,
        application_id,
        charged_fen,
        standard_fen,
        deviates,
        min_cell,
        n,
        sum(case when n < min_cell then 1 else 0 end) over () as n_of_small,
        min(case when n >= min_cell then n end) over () as least_n
    from sizes
    where n_of_all >= min_cell
),

-- The smallest bureau that could be shown alone.
smallest as (
    select
        bureau,
        application_id,
        charged_fen,
        standard_fen,
        deviates,
        min_cell,
        n,
        n_of_small,
        min(case when n = least_n then bureau end) over () as least_bureau
    from groups
)

-- Small bureaus go together; if these are too few still, they take in the smallest of the others.
select
    case
        when n < min_cell then cast(null as varchar)
        when bureau = least_bureau and n_of_small > 0 and n_of_small < min_cell then cast(null as varchar)
        else bureau
    end as bureau,
    application_id,
    charged_fen,
    standard_fen,
    deviates
from smallest
