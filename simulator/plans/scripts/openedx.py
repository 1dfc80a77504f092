"""How a course on Open edX is used: clips, units that complete as they are shown, problems for a grade book."""

from simulator.dialects.openedx import (
    COMPLETED,
    EARNED,
    EVALUATED,
    INITIALIZED,
    NAVIGATED,
    PASSED,
    PAUSED,
    PLAYED,
    PROGRESSED,
    SEEKED,
    TERMINATED,
)  # fmt: skip
from simulator.moments import SECOND
from simulator.plans.facts import Attempt, Viewing
from simulator.plans.scripts.judging import judged, record_attempt
from simulator.plans.scripts.watching import Segment, decide
from simulator.plans.steps import Outcome, Step, Verb, Visit, Watching
from simulator.plans.study import Study
from simulator.plans.timeline import LONGEST_SPAN
from simulator.world.things import Assessment, Lesson, Video

DONE = Outcome(completion=True, progress=1.0)
# Part of what follows a seek is watched without the player saying that it plays.
SILENT = 0.3
FORGOTTEN = 0.05


def learn(study: Study, lesson: Lesson, *, finish: bool) -> None:
    visit = study.visit(lesson)
    if lesson.video is not None:
        _watch(study, lesson, lesson.video, visit, finish=finish)
        return
    line = study.timeline
    line.do(NAVIGATED, lesson, lesson.place, visit, study.draw(20, 290))
    if finish:
        step = line.do(PROGRESSED, lesson, lesson.place, visit, study.draw(1, 30), DONE)
        study.of(visit.course).complete(lesson, step.at, "statement")
        say_passed(study, visit)


def _watch(study: Study, lesson: Lesson, film: Video, visit: Visit, *, finish: bool) -> None:
    viewing = _viewing(study, film)
    study.timeline.do(INITIALIZED, lesson, lesson.place, visit, study.draw(1, 5))
    segments = decide(study, film, finish=finish)
    screen = Screen(study, lesson, visit, viewing)
    for number, segment in enumerate(segments):
        if number > 0 and segments[number - 1].close == "seek" and study.chance(SILENT):
            screen.play_silently(segment)
        else:
            screen.play(segment)
        if segment.close == "seek":
            screen.seek(segment, segments[number + 1])
        else:
            screen.stop(segment)
    if not finish and study.chance(FORGOTTEN):
        _forget(study, lesson, visit, segments[-1])


def _viewing(study: Study, film: Video) -> Viewing:
    """Neither a registration nor a session of the profile's: what is watched in one sitting belongs together."""
    key = f"session {len(study.timeline.sessions)}"
    viewings = study.facts.viewings
    return viewings.setdefault((film.iri, key), Viewing(film, key, [], None, first_at=study.timeline.now))


class Screen:
    def __init__(self, study: Study, lesson: Lesson, visit: Visit, viewing: Viewing) -> None:
        self.study, self.lesson, self.visit, self.viewing = study, lesson, visit, viewing

    def play(self, segment: Segment) -> None:
        step = self._say(PLAYED, 0, Watching(time=segment.begin))
        self.study.timeline.play(step, segment.end - segment.begin)
        self.viewing.segments.append((segment.begin, segment.end))

    def play_silently(self, segment: Segment) -> None:
        line = self.study.timeline
        line.last.lasts = min(segment.end - segment.begin, LONGEST_SPAN)
        line.now = line.last.at + segment.end - segment.begin

    def seek(self, segment: Segment, following: Segment) -> None:
        self._say(SEEKED, 1, Watching(time=following.begin, before=segment.end))

    def stop(self, segment: Segment) -> None:
        if segment.close == "pause":
            self._say(PAUSED, self.study.draw(1, 60), Watching(time=segment.end))
            return
        self._say(TERMINATED, 1, Watching(time=segment.end))
        step = self._say(COMPLETED, self.study.draw(1, 20), Watching(time=segment.end, completion=True))
        self.viewing.is_completed = True
        self.study.of(self.visit.course).complete(self.lesson, step.at, "statement")
        say_passed(self.study, self.visit)

    def _say(self, verb: Verb, busy: int, watching: Watching) -> Step:
        return self.study.timeline.do(verb, self.lesson, self.lesson.place, self.visit, busy, watching)


def _forget(study: Study, lesson: Lesson, visit: Visit, segment: Segment) -> None:
    """Plays on, and nobody says when it ended: it does not count as watched, but keeps the learner busy."""
    line = study.timeline
    if lesson.video is None:
        return
    step = line.do(PLAYED, lesson, lesson.place, visit, 0, Watching(time=segment.end))
    remaining = lesson.video.length - segment.end
    line.play(step, remaining)
    line.now = step.at + max(remaining, 20 * SECOND) + 300 * SECOND
    line.do(NAVIGATED, visit.course, visit.course.place, visit, study.draw(5, 60))


def work(study: Study, homework: Assessment) -> bool:
    """Problems belong to the course as far as statements say. The grade book's word is nobody's activity."""
    line, course = study.timeline, study.tenant.courses[homework.course_id]
    visit = study.visit(homework)
    line.do(NAVIGATED, homework, homework.place, visit, study.draw(5, 60))
    right = 0
    for question in homework.questions:
        correct = study.knows(question)
        response = study.choose(question, correct=correct)
        outcome = Outcome(raw=int(correct), maximum=1, success=correct, response=response)
        line.do(EVALUATED, question, course.place, visit, study.draw(10, 250), outcome)
        study.answered(question, course.place, correct, response)
        right += correct
    attempt: Attempt = judged(homework, line.now + SECOND, right / len(homework.questions), visit.number)
    outcome = Outcome(raw=right, maximum=len(homework.questions), success=attempt.passed)
    line.aside(line.now + SECOND, EARNED, homework, homework.place, visit, outcome)
    record_attempt(study, attempt)
    if attempt.passed:
        line.now += 2 * SECOND
        line.last.lasts += 2 * SECOND
        say_passed(study, visit)
    return bool(attempt.passed)


def say_passed(study: Study, visit: Visit) -> None:
    """The grade book lets a course pass with the homework and all but one of the lessons."""
    course, facts = visit.course, study.of(visit.course)
    passed = course.assessments[0].assessment_id in facts.passes
    if passed and len(facts.lessons) >= len(course.lessons) - 1 and not facts.said:
        step = study.timeline.do(PASSED, course, course.place, visit, 1)
        facts.said.append((step.at, "statement"))
