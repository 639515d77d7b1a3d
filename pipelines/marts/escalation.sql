with owned as (
    select
        1 as k,
        application_id,
        customer_name,
        bureau,
        mode,
        owner_level,
        owner_role,
        owner_since_on,
        original_owner_role,
        original_owner_level,
        original_owner_since_on,
        due_on,
        effective_due_on,
        remaining_days,
        next_rise_on,
        current_stage,
        current_department,
        manager_id
    from applications
    where state = 'open' and (owner_level > 0 or original_owner_level > 0)
)

select
    owned.application_id as application_id,
    owned.customer_name as customer_name,
    owned.bureau as bureau,
    owned.mode as mode,
    owned.owner_level as owner_level,
    owned.owner_role as owner_role,
    owned.owner_since_on as owner_since_on,
    owned.original_owner_role as original_owner_role,
    case
        when owned.owner_level > 0 and owned.owner_since_on >= params.period_from
            then case
                when owned.original_owner_level > 0 and owned.original_owner_since_on >= params.period_from then 'both'
                else 'effective'
            end
        else 'original'
    end as escalated_by,
    owned.due_on as due_on,
    owned.effective_due_on as effective_due_on,
    owned.remaining_days as remaining_days,
    owned.next_rise_on as next_rise_on,
    owned.current_stage as current_stage,
    owned.current_department as department,
    owned.manager_id as manager_id
from owned
inner join params on owned.k = params.k
where
    (owned.owner_level > 0 and owned.owner_since_on >= params.period_from)
    or (owned.original_owner_level > 0 and owned.original_owner_since_on >= params.period_from)
