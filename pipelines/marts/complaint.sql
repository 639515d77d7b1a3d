select
    month,
    bureau,
    department,
    source,
    category,
    complaint_id,
    handled_on is null as open,
    same_day is not null as same_day_due,
    same_day,
    handled_in_time is not null as handled_due,
    handled_in_time,
    satisfied is not null as scored,
    satisfied
from complaints
