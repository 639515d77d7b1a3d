select
    variant,
    application_id,
    passes as stages,
    passes_rework as rework,
    state = 'energised' as energised,
    state = 'open' as open_now,
    case when state = 'energised' then calendar_days end as calendar_days
from applications
