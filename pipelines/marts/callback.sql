with due_callbacks as (
    select
        due_month as month,
        bureau,
        kind,
        cast(case when called then 1 else 0 end as bigint) as was_called,
        cast(case when on_time then 1 else 0 end as bigint) as was_on_time,
        cast(case when score is not null then 1 else 0 end as bigint) as has_score,
        cast(case when score >= 4 then 1 else 0 end as bigint) as is_satisfied,
        score,
        cast(case when issue_category is not null then 1 else 0 end as bigint) as has_issue,
        cast(case when issue_category is not null and issue_verified then 1 else 0 end as bigint) as has_verified_issue,
        cast(case when free_choice = false then 1 else 0 end as bigint) as is_violation
    from callbacks
)
select
    month,
    bureau,
    kind,
    count(*) as due,
    sum(was_called) as called,
    sum(was_on_time) as on_time,
    cast(sum(was_called) as double) / nullif(count(*), 0) as coverage,
    cast(sum(was_on_time) as double) / nullif(count(*), 0) as on_time_rate,
    sum(has_score) as scored,
    sum(is_satisfied) as satisfied,
    cast(sum(is_satisfied) as double) / nullif(sum(has_score), 0) as satisfaction_rate,
    cast(sum(score) as double) / nullif(sum(has_score), 0) as mean_score,
    sum(has_issue) as issues,
    sum(has_verified_issue) as issues_verified,
    sum(is_violation) as designation_violations
from due_callbacks
group by month, bureau, kind
order by month, bureau, kind
