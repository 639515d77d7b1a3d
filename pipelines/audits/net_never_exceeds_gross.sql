select month, department, overdue_net, overdue_gross
from department_month
where overdue_net > overdue_gross or overdue_gross > settled or rate_net < wilson_low or rate_net > wilson_high
