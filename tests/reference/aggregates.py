"""Marts of courses and assessments: what the facts of learners add up to."""

from collections.abc import Mapping

import polars as pl

from tests.reference.columns import COLUMNS, WHOLE

BINS = 10
STANDINGS = {"learner": "", "staff": "staff_", "not_enrolled": "not_enrolled_", "unmatched": "unmatched_"}
COURSE = ["tenant_id", "course"]
ASSESSMENT = [*COURSE, "assessment"]

Marts = Mapping[str, pl.DataFrame]


def aggregates(facts: Marts) -> dict[str, pl.DataFrame]:
    attempts = facts["fct_assessment_attempts"]
    found = {
        "mart_course_engagement": course_engagement(facts["fct_daily_engagement"]),
        "mart_grade_distribution": grade_distribution(attempts),
        "assessment_pass_rates": pass_rates(attempts, ASSESSMENT),
        "mart_course_comparison": course_comparison(facts),
        "verbs": verbs(facts["fct_statements"]),
    }
    return {name: frame.select(pl.col(column).cast(kind) for column, kind in COLUMNS[name].items())
            for name, frame in found.items()}  # fmt: skip


def course_engagement(daily: pl.DataFrame) -> pl.DataFrame:
    of = {prefix: pl.col("standing") == standing for standing, prefix in STANDINGS.items()}
    return (
        daily.filter(pl.col("course").is_not_null())
        .group_by(*COURSE, "day")
        .agg(
            *((of[prefix] & (pl.col("statements") > 0)).sum().alias(f"{prefix}active_learners") for prefix in of),
            *(pl.col("active_seconds").filter(of[prefix]).sum().alias(f"{prefix}active_seconds") for prefix in of),
            *(pl.col("statements").filter(of[prefix]).sum().alias(f"{prefix}statements") for prefix in of),
        )
    )


def _by_learner(attempts: pl.DataFrame) -> pl.DataFrame:
    """One row a learner and assessment. Graded is what has a verdict."""
    return attempts.group_by(*ASSESSMENT, "learner").agg(
        pl.col("passed").is_not_null().any().alias("graded"),
        pl.col("passed").fill_null(value=False).any(),
        pl.col("share").max().alias("best_share"),
    )


def grade_distribution(attempts: pl.DataFrame) -> pl.DataFrame:
    """The last bin is closed, and what lies outside is in the outer ones."""
    bin_of = ((pl.col("best_share") * BINS).floor() + 1).clip(1, BINS).cast(WHOLE).alias("bin")
    learners = _by_learner(attempts).drop_nulls("best_share").group_by(*ASSESSMENT, bin_of).len("learners")
    every = attempts.select(ASSESSMENT).unique().join(pl.DataFrame({"bin": range(1, BINS + 1)}), how="cross")
    return every.join(learners, on=[*ASSESSMENT, "bin"], how="left").with_columns(pl.col("learners").fill_null(0))


def pass_rates(attempts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Of a course: each learner once for each of its assessments."""
    return (
        _by_learner(attempts)
        .group_by(by)
        .agg(
            pl.len().alias("attempted"),
            pl.col("graded").sum(),
            pl.col("passed").sum(),
            pl.col("best_share").mean().alias("mean_best_share"),
        )
        .with_columns(_share("passed", "graded").alias("pass_rate"))
    )


def _share(part: str, whole: str) -> pl.Expr:
    """Null where the whole is nothing."""
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))


def course_comparison(facts: Marts) -> pl.DataFrame:
    daily, risks = facts["fct_daily_engagement"], facts["mart_learners_at_risk"]
    effort = daily.filter(pl.col("standing") == "learner").group_by(COURSE).agg(pl.col("active_seconds").sum())
    # The withdrawn were active, too.
    learners = facts["mart_learner_summary"].group_by(COURSE).len("learners")
    flags = risks.group_by(COURSE).agg(pl.len().alias("candidates"), pl.col("at_risk").sum())
    rates = pass_rates(facts["fct_assessment_attempts"], COURSE).select(*COURSE, "pass_rate", "mean_best_share")
    whole = facts["mart_course_completion"].join(facts["dim_course"].select(*COURSE, "status"), on=COURSE)
    for part in (effort, learners, flags, rates):
        whole = whole.join(part, on=COURSE, how="left")
    counts = ["active_seconds", "learners", "candidates", "at_risk"]
    return whole.with_columns(pl.col(counts).fill_null(0)).with_columns(
        _share("active_seconds", "learners").alias("active_seconds_per_learner")
    )


def verbs(statements: pl.DataFrame) -> pl.DataFrame:
    return statements.group_by("tenant_id", "verb", "kind").len("statements")
