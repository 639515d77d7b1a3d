select
    number,
    limits,
    stage,
    promise,
    voltage,
    supply,
    new_feeder,
    area,
    limit_count,
    unit,
    source
from limits
