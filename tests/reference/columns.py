"""Names and types of the marts' columns, the key of each, and the order in which truth tables have them."""

from typing import Any

import polars as pl

TEXT, WHOLE, SHARE, FLAG, DAY = pl.String, pl.Int64, pl.Float64, pl.Boolean, pl.Date
MOMENT = pl.Datetime("us", "UTC")
TEXTS, PAIRS = pl.List(pl.String), pl.List(pl.List(pl.Float64))
ANSWERS = pl.List(pl.Struct({"answer": TEXT, "text": TEXT, "learners": WHOLE}))

Type = Any

_COMPLETION = {
    "enrolled": WHOLE, "completed": WHOLE, "completion_rate": SHARE, "withdrawn": WHOLE, "waived": WHOLE,
    "median_progress": SHARE, "median_days_to_complete": SHARE,
}  # fmt: skip
_ACTIVITY = {"dau": WHOLE, "wau": WHOLE, "mau": WHOLE, "stickiness": SHARE}
_EFFORT = {
    f"{prefix}{name}": SHARE if name == "active_seconds" else WHOLE
    for prefix in ("", "staff_", "not_enrolled_", "unmatched_")
    for name in ("active_learners", "active_seconds", "statements")
}
_QUESTION = {"item": TEXT, "course": TEXT, "lesson": TEXT, "assessment": TEXT}

_TABLES: dict[str, dict[str, Type]] = {
    "dim_learner": {
        "learner": TEXT, "email": TEXT, "full_name": TEXT, "role": TEXT, "external_id": TEXT, "is_active": FLAG,
    },
    "dim_course": {
        "course": TEXT, "title": TEXT, "slug": TEXT, "status": TEXT, "starts_at": MOMENT, "ends_at": MOMENT,
        "length_days": WHOLE,
    },
    "dim_lesson": {
        "course": TEXT, "lesson": TEXT, "module": TEXT, "title": TEXT, "content_type": TEXT, "required": FLAG,
    },
    "dim_assessment": {
        "course": TEXT, "assessment": TEXT, "title": TEXT, "type": TEXT, "max_score": SHARE, "passing_score": SHARE,
        "required": FLAG,
    },
    "fct_statements": {
        "statement": TEXT, "occurred_at": MOMENT, "kind": TEXT, "verb": TEXT, "level": TEXT, "course": TEXT,
        "lesson": TEXT, "assessment": TEXT, "lasts": SHARE,
    },
    "fct_statement_learners": {"statement": TEXT, "learner": TEXT, "actor": TEXT, "standing": TEXT},
    "fct_sessions": {
        "learner": TEXT, "actor": TEXT, "started_at": MOMENT, "last_at": MOMENT, "statements": WHOLE,
        "active_seconds": SHARE,
    },
    "fct_daily_engagement": {
        "day": DAY, "course": TEXT, "learner": TEXT, "actor": TEXT, "standing": TEXT, "active_seconds": SHARE,
        "statements": WHOLE,
    },
    "mart_course_engagement": {"course": TEXT, "day": DAY, **_EFFORT},
    "mart_tenant_activity": {"day": DAY, **_ACTIVITY},
    "mart_cohort_retention": {
        "course": TEXT, "cohort": TEXT, "week": WHOLE, "members": WHOLE, "active": WHOLE, "retention": SHARE,
    },
    "fct_lesson_completion": {
        "course": TEXT, "lesson": TEXT, "learner": TEXT, "completed_at": MOMENT, "evidence": TEXT,
    },
    "fct_course_completion": {"course": TEXT, "learner": TEXT, "completed_at": MOMENT, "evidence": TEXT},
    "mart_course_completion": {"course": TEXT, **_COMPLETION},
    "mart_course_funnel": {
        "course": TEXT, "lesson": TEXT, "position": WHOLE, "enrolled": WHOLE, "started": WHOLE, "completed": WHOLE,
        "drop_off": SHARE,
    },
    "mart_compliance": {
        "course": TEXT, "learner": TEXT, "state": TEXT, "due_at": MOMENT, "completed_at": MOMENT, "evidence": TEXT,
    },
    "fct_assessment_attempts": {
        "course": TEXT, "assessment": TEXT, "learner": TEXT, "submitted_at": MOMENT, "graded_at": MOMENT,
        "score": SHARE, "share": SHARE, "passed": FLAG, "source": TEXT, "attempt_number": WHOLE, "ordinal": WHOLE,
        "is_last": FLAG, "is_best": FLAG,
    },
    "mart_grade_distribution": {"course": TEXT, "assessment": TEXT, "bin": WHOLE, "learners": WHOLE},
    "assessment_pass_rates": {
        "course": TEXT, "assessment": TEXT, "attempted": WHOLE, "graded": WHOLE, "passed": WHOLE, "pass_rate": SHARE,
        "mean_best_share": SHARE,
    },
    "fct_question_responses": {**_QUESTION, "learner": TEXT, "first_at": MOMENT, "correct": FLAG, "response": TEXT},
    "mart_question_analysis": {
        **_QUESTION, "learners": WHOLE, "judged": WHOLE, "correct": WHOLE, "difficulty": SHARE,
        "discrimination": SHARE, "answers": ANSWERS,
    },
    "fct_video_segments": {
        "video": TEXT, "course": TEXT, "lesson": TEXT, "learner": TEXT, "viewing": TEXT, "first_at": MOMENT,
        "segments": PAIRS, "watched_seconds": SHARE, "share": SHARE, "completed": FLAG,
    },
    "mart_video_engagement": {"video": TEXT, "second": WHOLE, "first_views": WHOLE, "rewatches": WHOLE},
    "video_summary": {
        "video": TEXT, "course": TEXT, "lesson": TEXT, "learners": WHOLE, "viewings": WHOLE, "completed": WHOLE,
        "length": SHARE, "mean_share": SHARE,
    },
    "mart_learners_at_risk": {
        "course": TEXT, "learner": TEXT, "as_of": MOMENT, "at_risk": FLAG, "score": SHARE, "reasons": TEXTS,
        "due_at": MOMENT,
    },
    "mart_risk_fairness": {
        "dimension": TEXT, "value": TEXT, "learners": WHOLE, "flagged_completed": WHOLE, "flagged_not": WHOLE,
        "passed_over_completed": WHOLE, "passed_over_not": WHOLE, "false_positive_rate": SHARE,
        "false_negative_rate": SHARE,
    },
    "mart_learner_summary": {
        "course": TEXT, "learner": TEXT, "cohort": TEXT, "enrolled_at": MOMENT, "status": TEXT, "progress": SHARE,
        "completed_at": MOMENT, "waived": FLAG, "lessons_completed": WHOLE, "last_active_at": MOMENT,
        "active_seconds": SHARE, "statements": WHOLE, "mean_best_share": SHARE, "at_risk": FLAG, "score": SHARE,
        "reasons": TEXTS,
    },
    "mart_course_comparison": {
        "course": TEXT, "status": TEXT, **_COMPLETION, "active_seconds": SHARE, "active_seconds_per_learner": SHARE,
        "pass_rate": SHARE, "mean_best_share": SHARE, "candidates": WHOLE, "at_risk": WHOLE,
    },
    "mart_tenant_overview": {
        "as_of": MOMENT, "enrolled": WHOLE, "completed": WHOLE, "withdrawn": WHOLE, "waived": WHOLE,
        "completion_rate": SHARE, "courses_published": WHOLE, **_ACTIVITY, "sessions": WHOLE, "active_seconds": SHARE,
    },
    "statement_counts": {"dimension": TEXT, "value": TEXT, "statements": WHOLE},
    "verbs": {"verb": TEXT, "kind": TEXT, "statements": WHOLE},
    "unmapped": {"activity": TEXT, "statements": WHOLE},
}  # fmt: skip
COLUMNS = {name: {"tenant_id": WHOLE, **columns} for name, columns in _TABLES.items()}

_KEYS: dict[str, tuple[str, ...]] = {
    "dim_learner": ("learner",),
    "dim_course": ("course",),
    "dim_lesson": ("lesson",),
    "dim_assessment": ("assessment",),
    "fct_statements": ("statement",),
    "fct_statement_learners": ("statement", "actor"),
    "fct_sessions": ("actor", "started_at"),
    "fct_daily_engagement": ("day", "course", "actor", "standing"),
    "mart_course_engagement": ("course", "day"),
    "mart_tenant_activity": ("day",),
    "mart_cohort_retention": ("course", "cohort", "week"),
    "fct_lesson_completion": ("lesson", "learner"),
    "fct_course_completion": ("course", "learner"),
    "mart_course_completion": ("course",),
    "mart_course_funnel": ("course", "lesson"),
    "mart_compliance": ("course", "learner"),
    "fct_assessment_attempts": ("assessment", "learner", "ordinal"),
    "mart_grade_distribution": ("assessment", "bin"),
    "assessment_pass_rates": ("assessment",),
    "fct_question_responses": ("item", "course", "lesson", "assessment", "learner"),
    "mart_question_analysis": ("item", "course", "lesson", "assessment"),
    "fct_video_segments": ("video", "learner", "viewing", "first_at"),
    "mart_video_engagement": ("video", "second"),
    "video_summary": ("video",),
    "mart_learners_at_risk": ("course", "learner"),
    "mart_risk_fairness": ("dimension", "value"),
    "mart_learner_summary": ("course", "learner"),
    "mart_course_comparison": ("course",),
    "mart_tenant_overview": (),
    "statement_counts": ("dimension", "value"),
    "verbs": ("verb", "kind"),
    "unmapped": ("activity",),
}
KEYS = {name: ("tenant_id", *key) for name, key in _KEYS.items()}
