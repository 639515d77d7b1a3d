with parent as (
    select 1 as k, count(*) as expected
    from applications
    where state = 'energised'
),

child as (
    select 1 as k, sum(completed) as found
    from cycle
)
select parent.expected as expected, child.found as found
from parent
inner join child on parent.k = child.k
where parent.expected <> coalesce(child.found, 0)
