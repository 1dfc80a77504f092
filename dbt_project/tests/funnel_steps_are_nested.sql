select * from {{ ref('mart_course_funnel') }}
where completed > started or started > enrolled
