with called as (
    select
        subject_id,
        due_month,
        score
    from callbacks
    where kind = 'connection' and score is not null
)

select
    called.due_month as month,
    applications.mode as mode,
    applications.voltage_class as voltage_class,
    applications.customer_class as customer_class,
    called.subject_id as application_id,
    called.score >= 4 as satisfied,
    called.score as score
from called
inner join applications on called.subject_id = applications.application_id
