select
    month,
    owner_role,
    action_id,
    application_id,
    kind,
    kind = 'inquiry' as inquiries,
    kind = 'talk' as talks,
    kind = 'notice' as notices,
    kind <> 'inquiry' and kind <> 'talk' and kind <> 'notice' as others,
    before_due,
    after_due_days
from actions
