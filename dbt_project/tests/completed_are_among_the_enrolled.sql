select * from {{ ref('mart_course_completion') }}
where completed > enrolled
