with cases as (
    select
        month,
        bureau,
        indicator,
        month_before,
        weight,
        score
    from surveys
),

earlier as (
    select
        month as month_before,
        bureau,
        indicator,
        score as score_before
    from cases
)

select
    cases.month as month,
    cases.bureau as bureau,
    cases.indicator as indicator,
    cases.weight as weight,
    cases.score as score,
    cases.score - earlier.score_before as change
from cases
left join earlier on cases.month_before = earlier.month_before
    and cases.bureau = earlier.bureau
    and cases.indicator = earlier.indicator
order by month, bureau, indicator
