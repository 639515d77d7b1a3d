select
    due_month as month,
    bureau,
    kind,
    subject_id,
    called,
    on_time,
    score is not null as scored,
    score >= 4 as satisfied,
    score,
    issue_category is not null as issues,
    issue_category is not null and issue_verified as issues_verified,
    free_choice = false as designation_violations
from callbacks
