with cases as (
    select
        settled_month as month,
        department,
        application_id,
        stage,
        pass,
        cast(1 as bigint) as settled,
        cast(case when overdue_gross then 1 else 0 end as bigint) as overdue_gross,
        cast(case when overdue_net then 1 else 0 end as bigint) as overdue_net
    from stages
    where settled_month is not null
),

counts as (
    select
        month,
        department,
        sum(settled) as settled,
        sum(overdue_gross) as overdue_gross,
        sum(overdue_net) as overdue_net
    from cases
    group by month, department
),

rates as (
    select
        month,
        department,
        settled,
        overdue_gross,
        overdue_net,
        cast(settled as double) as n,
        cast(overdue_gross as double) / nullif(settled, 0) as rate_gross,
        cast(overdue_net as double) / nullif(settled, 0) as rate_net
    from counts
),

-- All departments of the month together: what each is held against.
months as (
    select
        month,
        cast(sum(overdue_net) as double) / nullif(sum(settled), 0) as rate_all
    from counts
    group by month
),

-- Wilson's interval, with the normal quantile of 97.5 %: its square over n, its middle and its half width.
intervals as (
    select
        month,
        department,
        (rate_net + 1.959963984540054 * 1.959963984540054 / (2.0 * n))
            / (1.0 + 1.959963984540054 * 1.959963984540054 / n) as middle,
        1.959963984540054
            * sqrt(rate_net * (1.0 - rate_net) / n + 1.959963984540054 * 1.959963984540054 / (4.0 * n * n))
            / (1.0 + 1.959963984540054 * 1.959963984540054 / n) as half_width
    from rates
),

scores as (
    select
        rates.month as month,
        rates.department as department,
        case
            when months.rate_all > 0.0 and months.rate_all < 1.0
                then cast(rates.rate_net - months.rate_all as double)
                    / sqrt(months.rate_all * (1.0 - months.rate_all) / rates.n)
        end as z
    from rates
    inner join months on rates.month = months.month
)

select
    rates.month as month,
    rates.department as department,
    rates.settled as settled,
    rates.overdue_gross as overdue_gross,
    rates.overdue_net as overdue_net,
    rates.rate_gross as rate_gross,
    rates.rate_net as rate_net,
    case when rates.overdue_net = 0 then 0.0 else intervals.middle - intervals.half_width end as wilson_low,
    case when rates.overdue_net = rates.settled then 1.0 else intervals.middle + intervals.half_width end as wilson_high,
    scores.z as z,
    case when scores.z > 1.96 then 'high' when scores.z < -1.96 then 'low' else 'none' end as signal,
    rank() over (partition by rates.month order by rates.rate_net) as rank
from rates
inner join intervals on rates.month = intervals.month and rates.department = intervals.department
inner join scores on rates.month = scores.month and rates.department = scores.department
order by month, department
