with calls as (
    select
        subject_id,
        called
    from callbacks
    where kind = 'fault'
),

cases as (
    select
        faults.month as month,
        faults.bureau as bureau,
        faults.area as area,
        faults.fault_id as fault_id,
        cast(1 as bigint) as faults,
        cast(case when faults.arrival_kept is not null then 1 else 0 end as bigint) as arrival_due,
        cast(case when faults.arrival_kept then 1 else 0 end as bigint) as arrival_kept,
        cast(case when faults.arrival_missing then 1 else 0 end as bigint) as arrival_missing,
        faults.arrival_min as arrival_min,
        cast(case when faults.restore_kept is not null then 1 else 0 end as bigint) as restore_due,
        cast(case when faults.restore_kept then 1 else 0 end as bigint) as restore_kept,
        faults.restore_min as restore_min,
        cast(case when faults.notice_kept is not null then 1 else 0 end as bigint) as notice_due,
        cast(case when faults.notice_kept then 1 else 0 end as bigint) as notice_kept,
        cast(case when faults.calls_kept is not null then 1 else 0 end as bigint) as calls_due,
        cast(case when faults.calls_kept then 1 else 0 end as bigint) as calls_kept,
        cast(case when calls.called is not null then 1 else 0 end as bigint) as callback_due,
        cast(case when calls.called then 1 else 0 end as bigint) as callback_called
    from faults
    left join calls on faults.fault_id = calls.subject_id
),

figures as (
    select
        month,
        bureau,
        area,
        cast(1 as bigint) as k,
        sum(faults) as faults,
        sum(arrival_due) as arrival_due,
        sum(arrival_kept) as arrival_kept,
        sum(arrival_missing) as arrival_missing,
        quantile_cont(arrival_min, 0.5) as arrival_p50_min,
        quantile_cont(arrival_min, 0.9) as arrival_p90_min,
        sum(restore_due) as restore_due,
        sum(restore_kept) as restore_kept,
        quantile_cont(restore_min, 0.5) as restore_p50_min,
        quantile_cont(restore_min, 0.9) as restore_p90_min,
        sum(notice_due) as notice_due,
        sum(notice_kept) as notice_kept,
        sum(calls_due) as calls_due,
        sum(calls_kept) as calls_kept,
        sum(callback_due) as callback_due,
        sum(callback_called) as callback_called
    from cases
    group by month, bureau, area
)

select
    figures.month as month,
    figures.bureau as bureau,
    figures.area as area,
    figures.faults as faults,
    figures.arrival_due as arrival_due,
    figures.arrival_kept as arrival_kept,
    cast(figures.arrival_kept as double) / nullif(figures.arrival_due, 0) as arrival_rate,
    figures.arrival_missing as arrival_missing,
    figures.arrival_p50_min as arrival_p50_min,
    figures.arrival_p90_min as arrival_p90_min,
    figures.restore_due as restore_due,
    figures.restore_kept as restore_kept,
    cast(figures.restore_kept as double) / nullif(figures.restore_due, 0) as restore_rate,
    figures.restore_p50_min as restore_p50_min,
    figures.restore_p90_min as restore_p90_min,
    figures.notice_due as notice_due,
    figures.notice_kept as notice_kept,
    cast(figures.notice_kept as double) / nullif(figures.notice_due, 0) as notice_rate,
    figures.calls_due as calls_due,
    figures.calls_kept as calls_kept,
    cast(figures.calls_kept as double) / nullif(figures.calls_due, 0) as calls_rate,
    case when params.has_callbacks then figures.callback_due end as callback_due,
    case when params.has_callbacks then figures.callback_called end as callback_called,
    cast(figures.callback_called as double) / nullif(figures.callback_due, 0) as callback_coverage
from figures
inner join params on figures.k = params.k
order by month, bureau, area
