"""All edges, each with a learner of its own; and the seminars that are just large enough, and just not."""

from collections.abc import Callable

from simulator.moments import DAY
from simulator.plans.edges import attempts, completion, risk, sessions, videos
from simulator.plans.edges.probe import Probe
from simulator.plans.scripts import adl
from simulator.world.tenants import SEMINARS


def seminar(probe: Probe) -> None:
    """Ten learners come, and nine of them also to the smaller one."""
    number = int(probe.study.learner.user.user_id[1:]) % max(SEMINARS)
    for day, size in enumerate(SEMINARS, 5):
        if number < size:
            enrolment = probe.enrol(f"seminar{size}", probe.tenant.start + DAY)
            probe.line.begin(probe.tenant.days.at(day, 10 + number))
            adl.take(probe.study, enrolment.course.assessments[0])
            probe.line.end()


Edge = Callable[[Probe], None]
EDGES: tuple[Edge, ...] = (
    sessions.half_an_hour, sessions.a_second_more, sessions.five_minutes, sessions.over_midnight,
    sessions.at_midnight, sessions.as_clocks_change, sessions.at_once, sessions.far_apart,
    risk.twenty_points_under, risk.a_little_more_under, risk.due_in_seven_days, risk.due_a_second_later,
    risk.due_with_four_fifths, risk.overdue, risk.silent_for_a_week, risk.silent_for_less, risk.never_started,
    risk.just_enrolled,
    completion.on_time, completion.late, completion.without_success, completion.by_other_words,
    completion.not_by_a_page, completion.twice, completion.said_of_the_course, completion.enrolled_again,
    completion.withdrawn, completion.waived, completion.waived_assessment, completion.before_more_was_required,
    completion.as_less_is_required,
    attempts.passed_then_failed, attempts.within_a_minute, attempts.other_score_within_a_minute,
    attempts.marked_days_later, attempts.marked_too_early, attempts.row_wins, attempts.statement_fills,
    attempts.not_graded, attempts.below_zero, attempts.without_verdict,
    attempts.scored_only, attempts.first_answer_counts,
    videos.touching, videos.just_enough, videos.not_quite_enough, videos.usual_threshold, videos.forty_minutes,
    videos.to_the_end, videos.left_playing,
)  # fmt: skip
