with cases as (
    select
        stage,
        department,
        application_id,
        pass,
        cast(1 as bigint) as passes,
        case when rework then application_id end as reworked_id,
        cast(case when first_here then 1 else 0 end as bigint) as applications,
        cast(case when first_again_here then 1 else 0 end as bigint) as reworked,
        cast(case when rework then 1 else 0 end as bigint) as extra_passes,
        case when rework then net_wd else cast(0 as bigint) end as extra_net_wd
    from stages
)

select
    stage,
    department,
    sum(passes) as passes,
    sum(applications) as applications,
    sum(reworked) as reworked,
    sum(extra_passes) as extra_passes,
    sum(extra_net_wd) as extra_net_wd,
    cast(sum(reworked) as double) / nullif(sum(applications), 0) as share
from cases
group by stage, department
order by stage, department
