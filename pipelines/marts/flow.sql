select
    from_stage,
    to_stage,
    kind,
    application_id,
    sequence,
    first_of_stages,
    rework,
    overlap,
    wd,
    days
from edges
