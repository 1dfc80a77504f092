select * from {{ ref('fct_course_completion') }}
where (evidence = 'statement') <> (statement_id is not null)
