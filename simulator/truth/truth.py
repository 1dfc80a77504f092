"""All truths of one tenant, added to as plans come and written as they are known."""

from collections import Counter
from pathlib import Path

from simulator.moments import iso, optional_iso
from simulator.plans.facts import CourseFacts, Enrolment
from simulator.plans.plan import Plan
from simulator.truth.assessments import Assessments, best_share, by_assessment
from simulator.truth.completion import Completed, Completion, progress
from simulator.truth.counts import Counts
from simulator.truth.engagement import Daily, Engagement, is_counted
from simulator.truth.overview import compare_courses, overview
from simulator.truth.questions import Questions
from simulator.truth.retention import Retention
from simulator.truth.risk import Risk
from simulator.truth.tables import Row, Tables
from simulator.truth.trace import write_trace
from simulator.truth.videos import Videos
from simulator.world.tenants import Tenant


class Truth:
    def __init__(self, tenant: Tenant, folder: Path, *, trace: bool = False) -> None:
        self.tenant = tenant
        self.trace = trace
        self.tables = Tables(folder)
        self.counts = Counts()
        self.engagement = Engagement(tenant)
        self.completion = Completion(tenant)
        self.assessments = Assessments(tenant)
        self.questions = Questions(tenant)
        self.videos = Videos(tenant)
        self.risk = Risk(tenant)
        self.retention = Retention(tenant)

    def add(self, plan: Plan) -> None:
        self.counts.add(plan)
        if self.trace:
            write_trace(plan, self.tables)
        daily = self.engagement.add(plan, self.tables)
        self.videos.add(plan.facts, self.tables)
        self.questions.add(plan.facts, self.tables)
        if is_counted(plan.facts):
            for facts in plan.facts.courses.values():
                if facts.enrolment is not None:
                    self._add_enrolment(plan, facts, facts.enrolment, daily)

    def _add_enrolment(self, plan: Plan, facts: CourseFacts, enrolment: Enrolment, daily: Daily) -> None:
        done = self.completion.add(facts, self.tables)
        self.assessments.add(facts, enrolment, self.tables)
        risk = self.risk.add(facts, enrolment, done, plan.facts.users[0], self.tables)
        self.retention.add(enrolment, daily)
        self.tables.write("mart_learner_summary", self._summary(facts, enrolment, done, daily, risk))

    def _summary(
        self, facts: CourseFacts, enrolment: Enrolment, done: Completed | None, daily: Daily, risk: Row
    ) -> Row:
        course_id = facts.course.course_id
        spent = [counted for (_, course), counted in daily.items() if course == course_id]
        bests = [best for one in by_assessment(facts).values() if (best := best_share(one)) is not None]
        return {
            "course": course_id, "learner": enrolment.user_id, "cohort": enrolment.cohort,
            "enrolled_at": iso(enrolment.enrolled_at), "status": status(enrolment),
            "progress": progress(facts, self.tenant.as_of), "completed_at": optional_iso(done[0] if done else None),
            "waived": facts.waived_at is not None, "lessons_completed": len(facts.lessons),
            "last_active_at": optional_iso(max(facts.active, default=None)),
            "active_seconds": sum(active for active, _ in spent) / 1000,
            "statements": sum(statements for _, statements in spent),
            "mean_best_share": sum(bests) / len(bests) if bests else None,
            "at_risk": risk.get("at_risk", False), "score": risk.get("score"), "reasons": risk.get("reasons", []),
        }  # fmt: skip

    def finish(self, sent: Counter[str]) -> None:
        for part in (
            self.engagement, self.completion, self.assessments, self.questions, self.videos, self.risk, self.retention,
        ):  # fmt: skip
            part.finish(self.tables)
        for row in compare_courses(self.tenant, self.completion, self.engagement, self.assessments, self.risk):
            self.tables.write("mart_course_comparison", row)
        self.tables.write("mart_tenant_overview", overview(self.tenant, self.completion, self.engagement))
        self.counts.finish(self.tables, sent)

    def close(self) -> None:
        self.tables.close()


def status(enrolment: Enrolment) -> str:
    if enrolment.is_withdrawn:
        return "withdrawn"
    return "active" if enrolment.completed_at is None else "completed"
