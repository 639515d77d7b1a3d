with cases as (
    select
        due_month as month,
        bureau,
        kind,
        subject_id,
        cast(1 as bigint) as due,
        cast(case when called then 1 else 0 end as bigint) as called,
        cast(case when on_time then 1 else 0 end as bigint) as on_time,
        cast(case when score is not null then 1 else 0 end as bigint) as scored,
        cast(case when score >= 4 then 1 else 0 end as bigint) as satisfied,
        score,
        cast(case when issue_category is not null then 1 else 0 end as bigint) as issues,
        cast(case when issue_category is not null and issue_verified then 1 else 0 end as bigint) as issues_verified,
        cast(case when free_choice = false then 1 else 0 end as bigint) as designation_violations
    from callbacks
)

select
    month,
    bureau,
    kind,
    sum(due) as due,
    sum(called) as called,
    sum(on_time) as on_time,
    cast(sum(called) as double) / nullif(sum(due), 0) as coverage,
    cast(sum(on_time) as double) / nullif(sum(due), 0) as on_time_rate,
    sum(scored) as scored,
    sum(satisfied) as satisfied,
    cast(sum(satisfied) as double) / nullif(sum(scored), 0) as satisfaction_rate,
    cast(sum(score) as double) / nullif(sum(scored), 0) as mean_score,
    sum(issues) as issues,
    sum(issues_verified) as issues_verified,
    sum(designation_violations) as designation_violations
from cases
group by month, bureau, kind
order by month, bureau, kind
