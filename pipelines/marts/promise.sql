select
    month,
    promise,
    subject_id,
    stage,
    pass,
    kept
from promises
