"""What each single statement is: for whoever wants to know which one made the difference."""

from simulator.moments import iso
from simulator.plans.plan import Plan
from simulator.truth.engagement import steps_of
from simulator.truth.standing import standing
from simulator.truth.tables import Tables


def write_trace(plan: Plan, tables: Tables) -> None:
    facts = plan.facts
    for step in steps_of(plan):
        place = step.place
        tables.write("fct_statement_learners", {
            "statement": step.id, "learner": facts.learner_id, "actor": facts.actor,
            "standing": standing(facts, place.course),
        })  # fmt: skip
        if step.is_told:
            tables.write("fct_statements", {
                "statement": step.id, "occurred_at": iso(step.at), "kind": step.verb.kind, "verb": step.verb.iri,
                "dialect": step.visit.dialect, "level": place.level, "course": place.course, "lesson": place.lesson,
                "assessment": place.assessment, "lasts": step.lasts / 1000,
            })  # fmt: skip
