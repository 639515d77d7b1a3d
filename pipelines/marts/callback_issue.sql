select
    due_month as month,
    issue_category as category,
    issue_department as department,
    kind,
    subject_id,
    issue_verified,
    issue_settled_on is not null and (issue_verified is null or issue_verified) as settled,
    case when issue_verified is null or issue_verified then issue_settled_days end as issue_settled_days,
    issue_settled_on is null and (issue_verified is null or issue_verified) as open_now
from callbacks
where issue_category is not null
