with issues as (
    select
        1 as k,
        issue_department as department,
        kind,
        subject_id,
        bureau,
        manager_id,
        first_reached_on as called_on,
        issue_category as category,
        issue_verified as verified,
        issue_action as action,
        issue_settled_on as settled_on,
        issue_open_days as open_days,
        due_month
    from callbacks
    where issue_category is not null
)

select
    issues.department as department,
    issues.kind as kind,
    issues.subject_id as subject_id,
    issues.bureau as bureau,
    issues.manager_id as manager_id,
    issues.called_on as called_on,
    issues.category as category,
    issues.verified as verified,
    issues.action as action,
    issues.settled_on as settled_on,
    issues.open_days as open_days
from issues
inner join params on issues.k = params.k
where issues.due_month = params.month or (issues.open_days is not null and (issues.verified is null or issues.verified))
