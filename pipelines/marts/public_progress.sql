with month as (
    select
        cast(1 as bigint) as k,
        month as report_month
    from params
),

progress as (
    select
        cast(1 as bigint) as k,
        application_id,
        bureau,
        voltage_kv,
        mode,
        state,
        accepted_on,
        current_stage,
        due_on,
        energised_on,
        energised_month
    from applications
    where state <> 'cancelled'
)

select
    progress.application_id as application_id,
    progress.bureau as bureau,
    progress.voltage_kv as voltage_kv,
    progress.mode as mode,
    progress.state as state,
    progress.accepted_on as accepted_on,
    progress.current_stage as current_stage,
    progress.due_on as due_on,
    progress.energised_on as energised_on
from progress
inner join month on progress.k = month.k
where progress.state = 'open' or progress.energised_month = month.report_month
order by application_id
