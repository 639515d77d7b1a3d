select
    fulfilment_month as month,
    bureau,
    application_id,
    fulfilment_class = 'high' and fulfilment_met is not null as high_cases,
    fulfilment_class = 'high' and coalesce(fulfilment_met, false) as high_met,
    fulfilment_class = 'low' and fulfilment_met is not null as low_cases,
    fulfilment_class = 'low' and coalesce(fulfilment_met, false) as low_met,
    fulfilment_class = 'generation' and fulfilment_met is not null as generation_cases,
    fulfilment_class = 'generation' and coalesce(fulfilment_met, false) as generation_met,
    fulfilment_met is null as not_assessed
from applications
where fulfilment_month is not null
