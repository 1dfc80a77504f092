select *
from {{ ref('mart_learners_at_risk') }}
where
    at_risk <> (is_inactive or is_behind or has_low_grades or has_failed or is_due)
    or jsonb_array_length(reasons) <> is_inactive::integer + is_behind::integer + has_low_grades::integer
    + has_failed::integer + is_due::integer
    or at_risk <> (explanation <> '') or score not between 0 and 1
