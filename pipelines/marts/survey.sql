-- Weights and scores are measured numbers, so these sums are of doubles; they are few, and come in one order.
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

months as (
    select
        month,
        bureau,
        min(month_before) as month_before,
        sum(weighted) / nullif(sum(weight), 0.0) as index
    from cases
    group by month, bureau
),

earlier as (
    select
        month as month_before,
        bureau,
        index as index_before
    from months
)

select
    months.month as month,
    months.bureau as bureau,
    months.index as index,
    months.index - earlier.index_before as change
from months
left join earlier on months.month_before = earlier.month_before and months.bureau = earlier.bureau
order by month, bureau
