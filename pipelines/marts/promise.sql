select
    month,
    promise,
    subject_id,
    stage,
    pass,
    kept is not null as due,
    kept,
    undecided is not null as undecided
from promises
