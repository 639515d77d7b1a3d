select
    band,
    replayed_on,
    application_id,
    on_time_ppm,
    on_time
from backtest
where on_time is not null and p_on_time is not null
