select
    application_id,
    bureau,
    mode,
    first_promise_on,
    current_promise_on,
    replans,
    slip_days,
    replan_reason as reason,
    energised_on,
    promise_kept as kept
from applications
where replans is not null
