-- Who is active on a day is so in its week and month; nobody is so in a week without a day.
select *
from {{ ref('mart_tenant_activity') }}
where dau < 0 or dau > wau or wau > mau
