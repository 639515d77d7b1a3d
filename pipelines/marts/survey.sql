select
    month,
    bureau,
    indicator,
    weight,
    score
from surveys
