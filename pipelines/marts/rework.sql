select
    stage,
    department,
    application_id,
    pass,
    first_here as applications,
    first_again_here as reworked,
    rework as extra_passes,
    case when rework then worked_wd else 0 end as extra_net_wd
from stages
where started_on is not null
