select *
from {{ ref('mart_risk_fairness') }}
where
    learners < 10
    or enrollments <> flagged_completed + flagged_not + passed_over_completed + passed_over_not
