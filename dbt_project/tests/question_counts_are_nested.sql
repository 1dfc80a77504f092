select *
from {{ ref('mart_question_analysis') }}
where
    correct > judged or judged > learners or (difficulty is null) <> (judged = 0)
    or discrimination not between -1.000001 and 1.000001
