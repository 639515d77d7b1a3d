select
    bureau,
    expected_month,
    source,
    customer,
    expected_va
from demands
where newest
