select
    settled_month as month,
    bureau,
    department,
    handler,
    application_id,
    stage,
    pass,
    proposed_milli,
    verified_milli,
    finding is not null as verified,
    finding is not null and finding = 'upheld' as upheld,
    finding is not null and finding = 'reduced' as reduced,
    finding is not null and finding = 'withdrawn' as withdrawn
from stages
where overdue_net
