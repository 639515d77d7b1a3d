with broken as (
    select
        1 as k,
        promise,
        subject_id,
        stage,
        pass,
        bureau,
        month
    from promises
    where not kept
),

of_month as (
    select
        broken.promise as promise,
        broken.subject_id as subject_id,
        broken.stage as stage,
        broken.pass as pass,
        broken.bureau as bureau
    from broken
    inner join params on broken.k = params.k
    where broken.month = params.month
),

of_stages as (
    select
        promise,
        subject_id,
        stage,
        pass,
        bureau
    from of_month
    where stage is not null
),

of_outages as (
    select
        promise,
        subject_id,
        bureau
    from of_month
    where promise = 'outage_7wd' or promise = 'third_outage_approved'
),

of_faults as (
    select
        promise,
        subject_id,
        bureau
    from of_month
    where promise = 'arrival' or promise = 'restore' or promise = 'outage_notice' or promise = 'two_calls'
),

of_complaints as (
    select
        promise,
        subject_id,
        bureau
    from of_month
    where promise = 'complaint_same_day' or promise = 'complaint_handled'
),

rules as (
    select
        promise,
        min(limit_count) as least,
        max(limit_count) as most
    from limits
    where limits = 'promise' and unit = 'working_days'
    group by promise
)

select
    of_stages.promise as promise,
    of_stages.subject_id as subject_id,
    of_stages.stage as stage,
    of_stages.pass as pass,
    of_stages.bureau as bureau,
    stages.department as department,
    stages.net_wd as took_wd,
    case when rules.least = rules.most then rules.least end as limit_wd,
    cast(null as double) as took_min,
    cast(null as bigint) as limit_min
from of_stages
inner join stages
    on of_stages.subject_id = stages.application_id
    and of_stages.stage = stages.stage
    and of_stages.pass = stages.pass
left join rules on of_stages.promise = rules.promise
union all
select
    of_outages.promise as promise,
    of_outages.subject_id as subject_id,
    cast(null as varchar) as stage,
    cast(null as bigint) as pass,
    of_outages.bureau as bureau,
    cast(null as varchar) as department,
    case when of_outages.promise = 'outage_7wd' then outages.waited_wd end as took_wd,
    case when rules.least = rules.most then rules.least end as limit_wd,
    cast(null as double) as took_min,
    cast(null as bigint) as limit_min
from of_outages
inner join outages on of_outages.subject_id = outages.outage_id
left join rules on of_outages.promise = rules.promise
union all
select
    of_faults.promise as promise,
    of_faults.subject_id as subject_id,
    cast(null as varchar) as stage,
    cast(null as bigint) as pass,
    of_faults.bureau as bureau,
    cast(null as varchar) as department,
    cast(null as bigint) as took_wd,
    cast(null as bigint) as limit_wd,
    case
        when of_faults.promise = 'arrival' then faults.arrival_min
        when of_faults.promise = 'restore' then faults.restore_min
        when of_faults.promise = 'outage_notice' then faults.notice_min
    end as took_min,
    case
        when of_faults.promise = 'arrival' then faults.arrival_limit_min
        when of_faults.promise = 'restore' then faults.restore_limit_min
        when of_faults.promise = 'outage_notice' then faults.notice_limit_min
    end as limit_min
from of_faults
inner join faults on of_faults.subject_id = faults.fault_id
union all
select
    of_complaints.promise as promise,
    of_complaints.subject_id as subject_id,
    cast(null as varchar) as stage,
    cast(null as bigint) as pass,
    of_complaints.bureau as bureau,
    complaints.department as department,
    cast(null as bigint) as took_wd,
    cast(null as bigint) as limit_wd,
    cast(null as double) as took_min,
    cast(null as bigint) as limit_min
from of_complaints
inner join complaints on of_complaints.subject_id = complaints.complaint_id
