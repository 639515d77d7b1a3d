select
    month,
    promise,
    bureau,
    subject_id,
    undecided
from promises
where undecided is not null
