select application_id, stage, pass, gross_wd, excluded_wd, net_wd
from stages
where net_wd <> gross_wd - excluded_wd or excluded_wd < 0 or net_wd < 0 or excluded_wd > claimed_wd
