with newest as (
    select max(month) as month
    from restrictions
)

select
    restrictions.month as month,
    restrictions.bureau as bureau,
    restrictions.feeder_or_station as feeder_or_station,
    restrictions.load_rate as load_rate,
    restrictions.limit_kva as limit_kva
from restrictions
inner join newest on restrictions.month = newest.month
