with progress as (
    select
        1 as k,
        application_id,
        bureau,
        voltage_kv,
        mode,
        state,
        accepted_on,
        current_stage,
        due_on,
        effective_due_on,
        past_original,
        past_due,
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
    progress.effective_due_on as effective_due_on,
    progress.past_original as past_original,
    progress.past_due as past_due,
    progress.energised_on as energised_on
from progress
inner join params on progress.k = params.k
where progress.state = 'open' or progress.energised_month = params.month
