with cases as (
    select
        month,
        bureau,
        indicator,
        month_before,
        weight,
        score,
        weight * score as weighted
    from surveys
),

-- Weights and scores are no whole numbers: added up in the order of the indicators, their sums are always the same.
running as (
    select
        month,
        bureau,
        month_before,
        row_number() over (partition by month, bureau order by indicator) as place,
        sum(weighted) over (
            partition by month, bureau order by indicator rows between unbounded preceding and current row
        ) as weighted,
        sum(weight) over (
            partition by month, bureau order by indicator rows between unbounded preceding and current row
        ) as weight
    from cases
),

numbered as (
    select
        month,
        bureau,
        month_before,
        place,
        max(place) over (partition by month, bureau) as last_place,
        weighted,
        weight
    from running
),

indices as (
    select
        month,
        bureau,
        month_before,
        cast(weighted as double) / nullif(weight, 0.0) as index
    from numbered
    where place = last_place
),

earlier as (
    select
        month as month_before,
        bureau,
        index as index_before
    from indices
)

select
    indices.month as month,
    indices.bureau as bureau,
    indices.index as index,
    indices.index - earlier.index_before as change
from indices
left join earlier on indices.month_before = earlier.month_before and indices.bureau = earlier.bureau
order by month, bureau
