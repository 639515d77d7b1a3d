select
    month,
    manager_id,
    visit_id,
    customer,
    opinion is not null as opinions,
    opinion is not null and answered_on is not null as answered,
    opinion is not null and answered_on is null as open_now,
    answered_days
from visits
