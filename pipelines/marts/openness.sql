-- Three kinds of cases: callbacks that asked about free choice, applications energised, applications accepted.
select
    due_month as month,
    bureau,
    subject_id as application_id,
    true as answered,
    not free_choice as violations,
    false as completed,
    cast(null as varchar) as designer,
    cast(null as varchar) as builder,
    cast(null as varchar) as supplier,
    false as fees,
    false as fee_deviations,
    false as visited,
    false as one_visit,
    false as accepted,
    cast(null as bigint) as online
from callbacks
where kind = 'connection' and free_choice is not null
union all
select
    energised_month as month,
    bureau,
    application_id,
    false as answered,
    false as violations,
    true as completed,
    designer,
    builder,
    supplier,
    fee_deviates is not null as fees,
    fee_deviates as fee_deviations,
    visits is not null as visited,
    visits <= 1 as one_visit,
    false as accepted,
    cast(null as bigint) as online
from applications
where state = 'energised'
union all
select
    accepted_month as month,
    bureau,
    application_id,
    false as answered,
    false as violations,
    false as completed,
    cast(null as varchar) as designer,
    cast(null as varchar) as builder,
    cast(null as varchar) as supplier,
    false as fees,
    false as fee_deviations,
    false as visited,
    false as one_visit,
    true as accepted,
    cast(case when channel = 'online' then 1 when channel is not null then 0 end as bigint) as online
from applications
where state in ('open', 'energised')
