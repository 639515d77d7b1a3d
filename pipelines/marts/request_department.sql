select
    month,
    department,
    request_id,
    answered_on is not null as answered,
    same_day as answered_same_day,
    same_day is not null as decided,
    waited_for,
    waited_days
from request_answers
