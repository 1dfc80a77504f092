select *
from {{ ref('mart_cohort_retention') }}
where active < 0 or active > members or (active is null) <> (retention is null)
