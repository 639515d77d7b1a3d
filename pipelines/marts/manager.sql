-- What happened in a month: applications open or energised, stages settled, callbacks scored, claims about these stages.
with events as (
    select
        month,
        manager_id,
        'open' as what,
        application_id,
        cast(null as varchar) as stage,
        cast(null as bigint) as pass,
        cast(null as varchar) as delay_id,
        false as promised,
        false as promise_kept,
        false as overdue_net,
        false as overdue_own,
        false as overdue_other,
        false as excused,
        cast(null as bigint) as manager_score,
        false as late_report
    from open_months
    union all
    select
        energised_month as month,
        manager_id,
        'energised' as what,
        application_id,
        cast(null as varchar) as stage,
        cast(null as bigint) as pass,
        cast(null as varchar) as delay_id,
        promised_on is not null as promised,
        promise_kept,
        false as overdue_net,
        false as overdue_own,
        false as overdue_other,
        false as excused,
        cast(null as bigint) as manager_score,
        false as late_report
    from applications
    where state = 'energised'
    union all
    select
        settled_month as month,
        manager_id,
        'stage' as what,
        application_id,
        stage,
        pass,
        cast(null as varchar) as delay_id,
        false as promised,
        false as promise_kept,
        overdue_net,
        overdue_net and of_managers as overdue_own,
        overdue_net and not of_managers as overdue_other,
        overdue_gross and not overdue_net as excused,
        cast(null as bigint) as manager_score,
        false as late_report
    from stages
    where settled_month is not null
    union all
    select
        due_month as month,
        manager_id,
        'callback' as what,
        subject_id as application_id,
        cast(null as varchar) as stage,
        cast(null as bigint) as pass,
        cast(null as varchar) as delay_id,
        false as promised,
        false as promise_kept,
        false as overdue_net,
        false as overdue_own,
        false as overdue_other,
        false as excused,
        manager_score,
        false as late_report
    from callbacks
    where manager_score is not null
    union all
    select
        settled_month as month,
        manager_id,
        'claim' as what,
        application_id,
        stage,
        pass,
        delay_id,
        false as promised,
        false as promise_kept,
        false as overdue_net,
        false as overdue_own,
        false as overdue_other,
        false as excused,
        cast(null as bigint) as manager_score,
        verdict = 'late_report' as late_report
    from claims
    where settled_month is not null and verdict in ('late_report', 'outside_stage', 'provisional', 'admitted')
),

names as (
    select
        manager_id,
        name
    from managers
)

select
    month,
    manager_id,
    what,
    application_id,
    stage,
    pass,
    delay_id,
    what = 'open' as open_applications,
    what = 'energised' as completed,
    promised,
    promise_kept,
    what = 'stage' as settled,
    overdue_net,
    overdue_own,
    overdue_other,
    excused,
    what = 'callback' as scored,
    manager_score,
    manager_score * manager_score as manager_score_square,
    what = 'claim' as timed_claims,
    late_report
from events
where manager_id is not null
