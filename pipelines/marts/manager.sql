with cases as (
    select
        month,
        manager_id,
        'open' as what,
        application_id,
        cast(null as varchar) as stage,
        cast(null as bigint) as pass,
        cast(null as varchar) as delay_id,
        cast(1 as bigint) as open_applications,
        cast(0 as bigint) as completed,
        cast(0 as bigint) as promised,
        cast(0 as bigint) as promise_kept,
        cast(0 as bigint) as settled,
        cast(0 as bigint) as overdue_net,
        cast(0 as bigint) as scored,
        cast(null as bigint) as manager_score,
        cast(0 as bigint) as timed_claims,
        cast(0 as bigint) as late_reports
    from open_months
    where manager_id is not null
    union all
    select
        energised_month as month,
        manager_id,
        'energised' as what,
        application_id,
        cast(null as varchar) as stage,
        cast(null as bigint) as pass,
        cast(null as varchar) as delay_id,
        cast(0 as bigint) as open_applications,
        cast(1 as bigint) as completed,
        cast(case when promised_on is not null then 1 else 0 end as bigint) as promised,
        cast(case when promise_kept then 1 else 0 end as bigint) as promise_kept,
        cast(0 as bigint) as settled,
        cast(0 as bigint) as overdue_net,
        cast(0 as bigint) as scored,
        cast(null as bigint) as manager_score,
        cast(0 as bigint) as timed_claims,
        cast(0 as bigint) as late_reports
    from applications
    where state = 'energised' and manager_id is not null
    union all
    select
        settled_month as month,
        manager_id,
        'stage' as what,
        application_id,
        stage,
        pass,
        cast(null as varchar) as delay_id,
        cast(0 as bigint) as open_applications,
        cast(0 as bigint) as completed,
        cast(0 as bigint) as promised,
        cast(0 as bigint) as promise_kept,
        cast(1 as bigint) as settled,
        cast(case when overdue_net then 1 else 0 end as bigint) as overdue_net,
        cast(0 as bigint) as scored,
        cast(null as bigint) as manager_score,
        cast(0 as bigint) as timed_claims,
        cast(0 as bigint) as late_reports
    from stages
    where settled_month is not null and manager_id is not null
    union all
    select
        due_month as month,
        manager_id,
        'callback' as what,
        subject_id as application_id,
        cast(null as varchar) as stage,
        cast(null as bigint) as pass,
        cast(null as varchar) as delay_id,
        cast(0 as bigint) as open_applications,
        cast(0 as bigint) as completed,
        cast(0 as bigint) as promised,
        cast(0 as bigint) as promise_kept,
        cast(0 as bigint) as settled,
        cast(0 as bigint) as overdue_net,
        cast(1 as bigint) as scored,
        manager_score,
        cast(0 as bigint) as timed_claims,
        cast(0 as bigint) as late_reports
    from callbacks
    where manager_score is not null and manager_id is not null
    union all
    select
        settled_month as month,
        manager_id,
        'claim' as what,
        application_id,
        stage,
        pass,
        delay_id,
        cast(0 as bigint) as open_applications,
        cast(0 as bigint) as completed,
        cast(0 as bigint) as promised,
        cast(0 as bigint) as promise_kept,
        cast(0 as bigint) as settled,
        cast(0 as bigint) as overdue_net,
        cast(0 as bigint) as scored,
        cast(null as bigint) as manager_score,
        cast(1 as bigint) as timed_claims,
        cast(case when verdict = 'late_report' then 1 else 0 end as bigint) as late_reports
    from claims
    where
        settled_month is not null
        and manager_id is not null
        and verdict in ('late_report', 'outside_stage', 'admitted')
),

counts as (
    select
        1 as k,
        month,
        manager_id,
        sum(open_applications) as open_applications,
        sum(completed) as completed,
        sum(promised) as promised,
        sum(promise_kept) as promise_kept,
        sum(settled) as settled,
        sum(overdue_net) as overdue_net,
        sum(scored) as scored,
        coalesce(sum(manager_score), 0) as manager_score,
        sum(timed_claims) as timed_claims,
        sum(late_reports) as late_reports
    from cases
    group by month, manager_id
),

-- All managers of the month together: what each is shrunk towards.
months as (
    select
        month,
        count(*) as managers,
        sum(open_applications) as open_applications,
        cast(sum(settled) - sum(overdue_net) as double) / nullif(sum(settled), 0) as in_time,
        cast(sum(promise_kept) as double) / nullif(sum(promised), 0) as kept,
        cast(sum(manager_score) as double) / nullif(sum(scored), 0) as manager_score,
        cast(sum(timed_claims) - sum(late_reports) as double) / nullif(sum(timed_claims), 0) as timely
    from counts
    group by month
),

-- Each part from 0 to 1, as if `shrink` cases more had gone as they do on average.
parts as (
    select
        counts.month as month,
        counts.manager_id as manager_id,
        cast(counts.open_applications as double) * cast(months.managers as double)
            / nullif(months.open_applications, 0) as load,
        (cast(counts.settled - counts.overdue_net as double) + params.shrink * months.in_time)
            / nullif(cast(counts.settled as double) + params.shrink, 0.0) as stage_part,
        (cast(counts.promise_kept as double) + params.shrink * months.kept)
            / nullif(cast(counts.promised as double) + params.shrink, 0.0) as promise_part,
        ((cast(counts.manager_score as double) + params.shrink * months.manager_score)
            / nullif(cast(counts.scored as double) + params.shrink, 0.0) - 1.0) / 4.0 as callback_part,
        (cast(counts.timed_claims - counts.late_reports as double) + params.shrink * months.timely)
            / nullif(cast(counts.timed_claims as double) + params.shrink, 0.0) as claims_part,
        params.weight_stage_rate as weight_stage,
        params.weight_promise as weight_promise,
        params.weight_callback as weight_callback,
        params.weight_timely_claims as weight_claims,
        case when counts.settled < params.small then 'small_sample' else 'enough' end as sample,
        params.bottom as bottom,
        params.bottom_months as bottom_months
    from counts
    inner join months on counts.month = months.month
    inner join params on counts.k = params.k
),

-- A part that nobody has data for has no weight.
weights as (
    select
        month,
        manager_id,
        load,
        stage_part,
        promise_part,
        callback_part,
        claims_part,
        weight_stage,
        weight_promise,
        weight_callback,
        weight_claims,
        sample,
        bottom,
        bottom_months,
        case when stage_part is not null then weight_stage else 0.0 end
            + case when promise_part is not null then weight_promise else 0.0 end
            + case when callback_part is not null then weight_callback else 0.0 end
            + case when claims_part is not null then weight_claims else 0.0 end as weight_all
    from parts
),

points as (
    select
        month,
        manager_id,
        load,
        100.0 * weight_stage * stage_part / nullif(weight_all, 0.0) as stage_points,
        100.0 * weight_promise * promise_part / nullif(weight_all, 0.0) as promise_points,
        100.0 * weight_callback * callback_part / nullif(weight_all, 0.0) as callback_points,
        100.0 * weight_claims * claims_part / nullif(weight_all, 0.0) as claims_points,
        weight_all,
        sample,
        bottom,
        bottom_months
    from weights
),

scores as (
    select
        month,
        manager_id,
        load,
        stage_points,
        promise_points,
        callback_points,
        claims_points,
        case
            when weight_all > 0.0
                then coalesce(stage_points, 0.0) + coalesce(promise_points, 0.0)
                    + coalesce(callback_points, 0.0) + coalesce(claims_points, 0.0)
        end as score,
        sample,
        bottom,
        bottom_months
    from points
),

-- Scores that differ in their last bits only are the same score.
rounded as (
    select
        month,
        manager_id,
        load,
        stage_points,
        promise_points,
        callback_points,
        claims_points,
        score,
        cast(score * 1000000.0 + 0.25 as bigint) as millionths,
        sample,
        bottom,
        bottom_months
    from scores
),

ranks as (
    select
        rounded.month as month,
        rounded.manager_id as manager_id,
        rounded.load as load,
        rounded.stage_points as stage_points,
        rounded.promise_points as promise_points,
        rounded.callback_points as callback_points,
        rounded.claims_points as claims_points,
        rounded.score as score,
        rounded.sample as sample,
        rounded.bottom_months as bottom_months,
        rank() over (partition by rounded.month order by coalesce(-rounded.millionths, 1)) as place,
        months.managers as managers,
        rounded.bottom as bottom
    from rounded
    inner join months on rounded.month = months.month
),

-- With fewer than twice as many managers as the bottom holds there is no bottom.
bottoms as (
    select
        month,
        manager_id,
        cast(case when score is not null and managers >= 2 * bottom and place > managers - bottom then 1 else 0 end as bigint) as at_bottom
    from ranks
),

-- The running count of months not at the bottom stays the same while a manager is there.
runs as (
    select
        month,
        manager_id,
        at_bottom,
        sum(1 - at_bottom) over (partition by manager_id order by month rows between unbounded preceding and current row) as run
    from bottoms
),

streaks as (
    select
        month,
        manager_id,
        sum(at_bottom) over (partition by manager_id, run order by month rows between unbounded preceding and current row) as months_at_bottom
    from runs
)

select
    counts.month as month,
    counts.manager_id as manager_id,
    managers.name as name,
    counts.open_applications as open_applications,
    counts.completed as completed,
    counts.promised as promised,
    counts.promise_kept as promise_kept,
    cast(counts.promise_kept as double) / nullif(counts.promised, 0) as promise_rate,
    counts.settled as settled,
    counts.overdue_net as overdue_net,
    cast(counts.overdue_net as double) / nullif(counts.settled, 0) as stage_rate_net,
    case when params.has_callbacks then counts.scored end as scored,
    cast(counts.manager_score as double) / nullif(counts.scored, 0) as callback_score,
    case when params.has_delays then counts.timed_claims end as timed_claims,
    case when params.has_delays then counts.late_reports end as late_reports,
    ranks.load as load,
    ranks.stage_points as stage_points,
    ranks.promise_points as promise_points,
    ranks.callback_points as callback_points,
    ranks.claims_points as claims_points,
    ranks.score as score,
    case when ranks.score is not null then ranks.place end as rank,
    ranks.sample as sample,
    streaks.months_at_bottom as months_at_bottom,
    case when streaks.months_at_bottom >= ranks.bottom_months then 'review' else 'none' end as review
from counts
inner join params on counts.k = params.k
inner join ranks on counts.month = ranks.month and counts.manager_id = ranks.manager_id
inner join streaks on counts.month = streaks.month and counts.manager_id = streaks.manager_id
left join managers on counts.manager_id = managers.manager_id
order by month, manager_id
