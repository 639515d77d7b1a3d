with waiting as (
    select
        request_id,
        department,
        waited_days
    from request_answers
    where waited_for
)

select
    waiting.request_id as request_id,
    waiting.department as department,
    requests.application_id as application_id,
    requests.customer as customer_name,
    requests.topic as topic,
    requests.raised_on as raised_on,
    waiting.waited_days as waited_days
from waiting
inner join requests on waiting.request_id = requests.request_id
