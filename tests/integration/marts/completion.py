"""What the simulator's truths ask of statements and completion: by truth, the columns that name its rows, and the query
that must say the same."""

COMPLETION = {
    "fct_lesson_completion": (
        "course lesson learner",
        (
            "select course_id as course, lesson_id as lesson, user_id as learner, completed_at, evidence "
            "from marts.fct_lesson_completion"
        ),
    ),
    "fct_course_completion": (
        "course learner",
        "select course_id as course, user_id as learner, completed_at, evidence from marts.fct_course_completion",
    ),
    "mart_course_completion": (
        "course",
        (
            "select course_id as course, enrolled, completed, completion_rate, withdrawn, waived, median_progress, "
            "median_days_to_complete from marts.mart_course_completion"
        ),
    ),
    "mart_course_funnel": (
        "course lesson",
        (
            "select course_id as course, lesson_id as lesson, position, enrolled, started, completed, drop_off "
            "from marts.mart_course_funnel"
        ),
    ),
    "mart_compliance": (
        "course learner",
        (
            "select course_id as course, user_id as learner, state, due_at, completed_at, evidence "
            "from marts.mart_compliance"
        ),
    ),
    "verbs": (
        "verb kind",
        "select verb_iri as verb, kind, count(*) as statements from marts.fct_statements group by 1, 2",
    ),
    "unmapped": (
        "activity",
        (
            "select object_iri as activity, count(*) as statements from marts.fct_statements "
            "where place_trouble is not null group by 1"
        ),
    ),
    "fct_statements": (
        "statement",
        (
            "select statement_id::text as statement, occurred_at, kind, verb_iri as verb, "
            "case place_trouble when 'unmapped' then 'none' when 'ambiguous' then 'ambiguous' else place end as level, "
            "course_id as course, lesson_id as lesson, assessment_id as assessment from marts.fct_statements"
        ),
    ),
    "fct_statement_learners": (
        "statement learner",
        (
            "select statement_id::text as statement, user_id as learner, learner_key, standing "
            "from marts.fct_statement_learners"
        ),
    ),
}
