with open_ones as (
    select
        1 as k,
        application_id,
        customer_name,
        bureau,
        mode,
        due_on,
        effective_due_on,
        original_remaining_wd,
        remaining_wd,
        past_original,
        past_due,
        excluded_wd,
        excused_ruled_wd,
        excused_unruled_wd,
        excused_open_wd,
        owner_role,
        original_owner_role,
        open_claims,
        oldest_open_claim_on,
        coalesce(oldest_open_claim_wd, 0) as oldest_open_claim_wd,
        current_stage,
        current_department,
        idle_wd,
        manager_id
    from applications
    where state = 'open'
)

select
    open_ones.application_id as application_id,
    open_ones.customer_name as customer_name,
    open_ones.bureau as bureau,
    open_ones.mode as mode,
    open_ones.past_original as past_original,
    open_ones.due_on as due_on,
    open_ones.effective_due_on as effective_due_on,
    open_ones.original_remaining_wd as original_remaining_wd,
    open_ones.remaining_wd as remaining_wd,
    coalesce(open_ones.past_due, 'open_claim') as standing,
    open_ones.excused_ruled_wd as excused_ruled_wd,
    open_ones.excused_unruled_wd as excused_unruled_wd,
    open_ones.excused_open_wd as excused_open_wd,
    open_ones.owner_role as owner_role,
    open_ones.original_owner_role as original_owner_role,
    open_ones.open_claims as open_claims,
    open_ones.oldest_open_claim_on as oldest_open_claim_on,
    open_ones.current_stage as current_stage,
    open_ones.current_department as department,
    open_ones.idle_wd as idle_wd,
    open_ones.manager_id as manager_id
from open_ones
inner join params on open_ones.k = params.k
where open_ones.past_original or open_ones.oldest_open_claim_wd > params.open_claim_wd
