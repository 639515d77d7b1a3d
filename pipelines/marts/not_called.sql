select
    kind,
    subject_id,
    bureau,
    manager_id,
    completed_on,
    due_on,
    late_days
from callbacks
where not called
