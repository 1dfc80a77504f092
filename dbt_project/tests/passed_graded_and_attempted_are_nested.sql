select *
from {{ ref('mart_assessment_summary') }}
where passed > graded or graded > attempted or attempted > attempts or with_share > attempted
