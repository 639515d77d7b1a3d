select
    unheard_claims.application_id as application_id,
    applications.customer_name as customer_name,
    applications.bureau as bureau,
    unheard_claims.manager_id as manager_id,
    unheard_claims.sequence as sequence,
    unheard_claims.delay_id as delay_id,
    unheard_claims.named_stage as stage,
    unheard_claims.cause as cause,
    unheard_claims.began_on as began_on,
    unheard_claims.ended_on as ended_on,
    unheard_claims.reported_on as reported_on,
    unheard_claims.ruling as ruling,
    unheard_claims.reason as reason
from unheard_claims
inner join applications on unheard_claims.application_id = applications.application_id
