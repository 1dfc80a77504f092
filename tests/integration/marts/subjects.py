"""What the simulator's truths ask of engagement, videos, assessments and risk: by truth, the columns that name its
rows, and the query that must say the same."""

ENGAGEMENT = {
    "fct_sessions": (
        "learner started_at last_at",
        "select user_id as learner, started_at, last_at, statements, active_seconds from marts.fct_sessions",
    ),
    "fct_daily_engagement": (
        "day course learner standing",
        (
            "select day, course_id as course, user_id as learner, standing, active_seconds, statements "
            "from marts.fct_daily_engagement"
        ),
    ),
    "mart_course_engagement": ("course day", "select course_id as course, * from marts.mart_course_engagement"),
    "mart_tenant_activity": ("day", "select * from marts.mart_tenant_activity"),
    "mart_cohort_retention": ("course cohort week", "select course_id as course, * from marts.mart_cohort_retention"),
}
VIDEO = {
    "fct_video_segments": (
        "video learner first_at",
        (
            "select video_iri as video, course_id as course, lesson_id as lesson, user_id as learner, * "
            "from marts.fct_video_segments where standing = 'learner' and course_id is not null"
        ),
    ),
    "mart_video_engagement": (
        "video second",
        "select video_iri as video, second, first_views, rewatches from marts.mart_video_engagement",
    ),
    "video_summary": (
        "video",
        "select video_iri as video, course_id as course, lesson_id as lesson, * from marts.mart_video_summary",
    ),
}
ASSESSMENT = {
    "fct_assessment_attempts": (
        "assessment learner ordinal",
        (
            "select course_id as course, assessment_id as assessment, user_id as learner, * "
            "from marts.fct_assessment_attempts where standing = 'learner'"
        ),
    ),
    "mart_grade_distribution": (
        "assessment bin",
        "select course_id as course, assessment_id as assessment, bin, learners from marts.mart_grade_distribution",
    ),
    "assessment_pass_rates": (
        "assessment",
        "select course_id as course, assessment_id as assessment, * from marts.mart_assessment_summary",
    ),
    "fct_question_responses": (
        "item assessment learner",
        (
            "select item_iri as item, course_id as course, lesson_id as lesson, assessment_id as assessment, "
            "user_id as learner, first_at, correct, response "
            "from marts.fct_question_responses where standing = 'learner' and course_id is not null"
        ),
    ),
    "mart_question_analysis": (
        "item assessment",
        (
            "select item_iri as item, course_id as course, lesson_id as lesson, assessment_id as assessment, "
            "learners, judged, correct, difficulty, discrimination, ("
            "select coalesce(json_agg(json_build_object('answer', answer, 'text', answer_text, 'learners', learners) "
            "order by answer collate \"C\"), '[]') from marts.mart_question_answers as answers "
            "where answers.item_key = questions.item_key and answers.course_id = questions.course_id "
            "and answers.assessment_id is not distinct from questions.assessment_id) as answers "
            "from marts.mart_question_analysis as questions"
        ),
    ),
}
RISK = {
    "mart_learners_at_risk": (
        "course learner",
        (
            "select course_id as course, user_id as learner, refreshes.as_of, at_risk, score, reasons, due_at "
            "from marts.mart_learners_at_risk cross join "
            "(select max(as_of) as as_of from marts.refreshes) as refreshes"
        ),
    ),
    "mart_risk_fairness": ("dimension value", "select * from marts.mart_risk_fairness"),
    "mart_learner_summary": (
        "course learner",
        "select course_id as course, user_id as learner, * from marts.mart_learner_summary",
    ),
    "mart_course_comparison": ("course", "select course_id as course, * from marts.mart_course_comparison"),
    "mart_tenant_overview": ("as_of", "select * from marts.mart_tenant_overview"),
}
SUBJECTS = {**ENGAGEMENT, **VIDEO, **ASSESSMENT, **RISK}
