"""Lessons and courses completed, progress, funnels and compliance: from what plans decided, and what was required."""

from collections import Counter, defaultdict
from statistics import median

import msgspec

from simulator.moments import iso, optional_iso
from simulator.plans.facts import CourseFacts, Enrolment, Evidence
from simulator.truth.tables import Tables
from simulator.world.tenants import Tenant
from simulator.world.things import Course

Completed = tuple[int, Evidence]


def completed(facts: CourseFacts) -> Completed | None:
    """The earliest of the LMS's word, a statement about the course, and the moment when all that was required was done.

    Whoever did the last thing before is completed by a lesson that stops being required.
    """
    found: list[Completed] = [*facts.said]
    if facts.enrolment is not None and facts.enrolment.completed_at is not None:
        found.append((facts.enrolment.completed_at, "row"))
    moment = requirements_met(facts)
    if moment is not None:
        found.append((moment, "requirements"))
    return min(found, key=lambda one: one[0], default=None)


def requirements_met(facts: CourseFacts) -> int | None:
    course = facts.course
    moments = {at for at, _ in facts.lessons.values()} | {at for at, _ in facts.passes.values()} | {*course.changes}
    return next((at for at in sorted(moments) if _is_met(facts, at)), None)


def _is_met(facts: CourseFacts, at: int) -> bool:
    lessons = [lesson.lesson_id for lesson in facts.course.required_lessons(at)]
    assessments = [each.assessment_id for each in facts.course.required_assessments]
    if not lessons and not assessments:
        return False
    return all(_done_by(facts.lessons, each, at) for each in lessons) and all(
        _done_by(facts.passes, each, at) for each in assessments
    )


def _done_by(done: dict[str, Completed], name: str, at: int) -> bool:
    return name in done and done[name][0] <= at


def progress(facts: CourseFacts, at: int) -> float | None:
    required = facts.course.required_lessons(at)
    if not required:
        return None
    return sum(_done_by(facts.lessons, lesson.lesson_id, at) for lesson in required) / len(required)


def compliance_state(enrolment: Enrolment, done: Completed | None, *, is_waived: bool, as_of: int) -> str:
    due = enrolment.due_at or 0
    if enrolment.is_withdrawn:
        return "withdrawn"
    if done is not None:
        return "on_time" if done[0] <= due else "late"
    if is_waived:
        return "waived"
    return "open" if as_of <= due else "overdue"


class Tally(msgspec.Struct):
    enrolled: int = 0
    completed: int = 0
    withdrawn: int = 0
    waived: int = 0
    funnel_enrolled: int = 0
    progress: list[float] = []
    days: list[float] = []


class Completion:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.started: Counter[str] = Counter()
        self.finished: Counter[str] = Counter()

    def add(self, facts: CourseFacts, tables: Tables) -> Completed | None:
        """`facts` of a learner who is enrolled and no staff."""
        enrolment = facts.enrolment
        if enrolment is None:
            return None
        done = completed(facts)
        self._write_facts(facts, enrolment, done, tables)
        self._tally(facts, enrolment, done)
        if enrolment.due_at is not None:
            self._write_compliance(facts, enrolment, done, tables)
        return done

    def _write_facts(self, facts: CourseFacts, enrolment: Enrolment, done: Completed | None, tables: Tables) -> None:
        keys = {"course": facts.course.course_id, "learner": enrolment.user_id}
        for lesson, (at, evidence) in sorted(facts.lessons.items()):
            row = {**keys, "lesson": lesson, "completed_at": iso(at), "evidence": evidence}
            tables.write("fct_lesson_completion", row)
        if done is not None:
            tables.write("fct_course_completion", {**keys, "completed_at": iso(done[0]), "evidence": done[1]})

    def _tally(self, facts: CourseFacts, enrolment: Enrolment, done: Completed | None) -> None:
        tally = self.tallies[facts.course.course_id]
        if enrolment.is_withdrawn:
            tally.withdrawn += 1
            return
        self._tally_funnel(facts)
        tally.funnel_enrolled += 1
        if facts.waived_at is not None:
            tally.waived += 1
            return
        tally.enrolled += 1
        share = progress(facts, self.tenant.as_of)
        if share is not None:
            tally.progress.append(share)
        if done is not None:
            tally.completed += 1
            tally.days.append((done[0] - enrolment.enrolled_at) / 86_400_000)

    def _tally_funnel(self, facts: CourseFacts) -> None:
        self.finished.update(facts.lessons.keys())
        self.started.update(facts.started | facts.lessons.keys() | facts.progress_rows.keys())

    def _write_compliance(
        self, facts: CourseFacts, enrolment: Enrolment, done: Completed | None, tables: Tables
    ) -> None:
        state = compliance_state(enrolment, done, is_waived=facts.waived_at is not None, as_of=self.tenant.as_of)
        tables.write("mart_compliance", {
            "course": facts.course.course_id, "learner": enrolment.user_id, "state": state,
            "due_at": optional_iso(enrolment.due_at), "completed_at": optional_iso(done[0] if done else None),
            "evidence": done[1] if done else None,
        })  # fmt: skip

    def finish(self, tables: Tables) -> None:
        for course in self.tenant.courses.values():
            tally = self.tallies[course.course_id]
            if tally.enrolled + tally.withdrawn + tally.waived:
                tables.write("mart_course_completion", {"course": course.course_id, **rates(tally)})
                self._write_funnel(course, tally, tables)

    def _write_funnel(self, course: Course, tally: Tally, tables: Tables) -> None:
        before = tally.funnel_enrolled
        positions = {module.module_id: module.position for module in course.modules}
        required = course.required_lessons(self.tenant.as_of)
        required.sort(key=lambda lesson: (positions[lesson.module_id], lesson.position))
        for position, lesson in enumerate(required, 1):
            finished = self.finished[lesson.lesson_id]
            tables.write("mart_course_funnel", {
                "course": course.course_id, "lesson": lesson.lesson_id, "position": position,
                "enrolled": tally.funnel_enrolled, "started": self.started[lesson.lesson_id], "completed": finished,
                "drop_off": 1 - finished / before if before else None,
            })  # fmt: skip
            before = finished


def rates(tally: Tally) -> dict[str, object]:
    return {
        "enrolled": tally.enrolled,
        "completed": tally.completed,
        "completion_rate": tally.completed / tally.enrolled if tally.enrolled else None,
        "withdrawn": tally.withdrawn,
        "waived": tally.waived,
        "median_progress": median(tally.progress) if tally.progress else None,
        "median_days_to_complete": median(tally.days) if tally.days else None,
    }
