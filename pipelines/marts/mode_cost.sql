with orders as (
    select
        bureau,
        accepted_on,
        coalesce(energised_on, cancelled_on) as ended_on
    from applications
    where mode = 'order'
),

months as (
    select
        bureau,
        accepted_month as month
    from applications
    where mode = 'conventional'
    group by bureau, accepted_month
),

-- How many order-style projects were open on the morning of the month's first day.
loads as (
    select
        months.bureau as bureau,
        months.month as month,
        sum(
            case
                when orders.accepted_on < months.month and (orders.ended_on is null or orders.ended_on >= months.month)
                    then cast(1 as bigint)
                else cast(0 as bigint)
            end
        ) as open_order
    from months
    left join orders on months.bureau = orders.bureau
    group by months.bureau, months.month
),

followed as (
    select
        application_id,
        bureau,
        accepted_month,
        voltage_class,
        state,
        followed_days,
        1 as k
    from applications
    where mode = 'conventional'
)

select
    followed.application_id as application_id,
    followed.voltage_class as scope,
    followed.bureau as bureau,
    followed.accepted_month as month,
    loads.open_order as open_order,
    followed.state as state,
    followed.followed_days as days,
    params.min_arm as min_arm,
    params.min_at_risk as min_at_risk
from followed
inner join loads on followed.bureau = loads.bureau and followed.accepted_month = loads.month
inner join params on followed.k = params.k
