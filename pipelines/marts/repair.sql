with calls as (
    select
        subject_id,
        called
    from callbacks
    where kind = 'fault'
)

select
    faults.month as month,
    faults.bureau as bureau,
    faults.area as area,
    faults.fault_id as fault_id,
    faults.arrival_kept is not null as arrival_due,
    faults.arrival_kept as arrival_kept,
    faults.arrival_undecided is not null as arrival_undecided,
    faults.arrival_missing as arrival_missing,
    faults.arrival_min as arrival_min,
    faults.restore_kept is not null as restore_due,
    faults.restore_kept as restore_kept,
    faults.restore_undecided is not null as restore_undecided,
    faults.restore_min as restore_min,
    faults.notice_kept is not null as notice_due,
    faults.notice_kept as notice_kept,
    faults.notice_undecided is not null as notice_undecided,
    faults.calls_kept is not null as calls_due,
    faults.calls_kept as calls_kept,
    calls.called is not null as callback_due,
    calls.called as callback_called
from faults
left join calls on faults.fault_id = calls.subject_id
