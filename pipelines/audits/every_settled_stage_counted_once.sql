with parent as (
    select 1 as k, count(*) as expected
    from stages
    where settled_month is not null
),

child as (
    select 1 as k, sum(settled) as found
    from stage_overdue
)
select parent.expected as expected, child.found as found
from parent
inner join child on parent.k = child.k
where parent.expected <> coalesce(child.found, 0)
