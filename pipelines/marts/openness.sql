-- Three kinds of cases: callbacks that asked about free choice, applications energised, applications accepted.
with cases as (
    select
        due_month as month,
        bureau,
        subject_id as application_id,
        cast(1 as bigint) as answered,
        cast(case when free_choice = false then 1 else 0 end as bigint) as violations,
        cast(0 as bigint) as completed,
        cast(null as varchar) as designer,
        cast(0 as bigint) as designed,
        cast(null as varchar) as builder,
        cast(0 as bigint) as built,
        cast(null as varchar) as supplier,
        cast(0 as bigint) as supplied,
        cast(0 as bigint) as fees,
        cast(0 as bigint) as fee_deviations,
        cast(0 as bigint) as visited,
        cast(0 as bigint) as one_visit,
        cast(0 as bigint) as accepted,
        cast(null as bigint) as online
    from callbacks
    where kind = 'connection' and free_choice is not null
    union all
    select
        energised_month as month,
        bureau,
        application_id,
        cast(0 as bigint) as answered,
        cast(0 as bigint) as violations,
        cast(1 as bigint) as completed,
        designer,
        cast(case when designer is not null then 1 else 0 end as bigint) as designed,
        builder,
        cast(case when builder is not null then 1 else 0 end as bigint) as built,
        supplier,
        cast(case when supplier is not null then 1 else 0 end as bigint) as supplied,
        cast(case when fee_deviates is not null then 1 else 0 end as bigint) as fees,
        cast(case when fee_deviates then 1 else 0 end as bigint) as fee_deviations,
        cast(case when visits is not null then 1 else 0 end as bigint) as visited,
        cast(case when visits <= 1 then 1 else 0 end as bigint) as one_visit,
        cast(0 as bigint) as accepted,
        cast(null as bigint) as online
    from applications
    where state = 'energised'
    union all
    select
        accepted_month as month,
        bureau,
        application_id,
        cast(0 as bigint) as answered,
        cast(0 as bigint) as violations,
        cast(0 as bigint) as completed,
        cast(null as varchar) as designer,
        cast(0 as bigint) as designed,
        cast(null as varchar) as builder,
        cast(0 as bigint) as built,
        cast(null as varchar) as supplier,
        cast(0 as bigint) as supplied,
        cast(0 as bigint) as fees,
        cast(0 as bigint) as fee_deviations,
        cast(0 as bigint) as visited,
        cast(0 as bigint) as one_visit,
        cast(1 as bigint) as accepted,
        cast(case when channel = 'online' then 1 when channel is not null then 0 end as bigint) as online
    from applications
    where state in ('open', 'energised')
),

sums as (
    select
        month,
        bureau,
        cast(1 as bigint) as k,
        sum(answered) as answered,
        sum(violations) as violations,
        sum(completed) as completed,
        sum(designed) as designed,
        sum(built) as built,
        sum(supplied) as supplied,
        sum(fees) as fees,
        sum(fee_deviations) as fee_deviations,
        sum(visited) as visited,
        sum(one_visit) as one_visit,
        sum(accepted) as accepted,
        sum(online) as online,
        count(online) as channels
    from cases
    group by month, bureau
),

-- Who designed, built and supplied how often: the share of the most frequent, and Σ share².
by_designer as (
    select
        month,
        bureau,
        designer,
        sum(designed) as n
    from cases
    where designed = 1
    group by month, bureau, designer
),

by_builder as (
    select
        month,
        bureau,
        builder,
        sum(built) as n
    from cases
    where built = 1
    group by month, bureau, builder
),

by_supplier as (
    select
        month,
        bureau,
        supplier,
        sum(supplied) as n
    from cases
    where supplied = 1
    group by month, bureau, supplier
),

designers as (
    select
        month,
        bureau,
        max(n) as most,
        sum(n * n) as squares
    from by_designer
    group by month, bureau
),

builders as (
    select
        month,
        bureau,
        max(n) as most,
        sum(n * n) as squares
    from by_builder
    group by month, bureau
),

suppliers as (
    select
        month,
        bureau,
        max(n) as most,
        sum(n * n) as squares
    from by_supplier
    group by month, bureau
)

select
    sums.month as month,
    sums.bureau as bureau,
    case when params.has_callbacks then sums.answered end as answered,
    case when params.has_callbacks then sums.violations end as violations,
    sums.completed as completed,
    sums.designed as designed,
    cast(designers.most as double) / nullif(sums.designed, 0) as designer_top_share,
    cast(designers.squares as double) / nullif(sums.designed * sums.designed, 0) as designer_hhi,
    sums.built as built,
    cast(builders.most as double) / nullif(sums.built, 0) as builder_top_share,
    cast(builders.squares as double) / nullif(sums.built * sums.built, 0) as builder_hhi,
    sums.supplied as supplied,
    cast(suppliers.most as double) / nullif(sums.supplied, 0) as supplier_top_share,
    cast(suppliers.squares as double) / nullif(sums.supplied * sums.supplied, 0) as supplier_hhi,
    sums.fees as fees,
    sums.fee_deviations as fee_deviations,
    sums.visited as visited,
    sums.one_visit as one_visit,
    cast(sums.one_visit as double) / nullif(sums.visited, 0) as one_visit_share,
    sums.accepted as accepted,
    sums.online as online,
    cast(sums.online as double) / nullif(sums.channels, 0) as online_share
from sums
inner join params on sums.k = params.k
left join designers on sums.month = designers.month and sums.bureau = designers.bureau
left join builders on sums.month = builders.month and sums.bureau = builders.bureau
left join suppliers on sums.month = suppliers.month and sums.bureau = suppliers.bureau
order by month, bureau
