select
    from_department,
    to_department,
    application_id,
    sequence,
    first_of_departments,
    overlap,
    wd,
    days
from edges
where from_department is not null and to_department is not null
