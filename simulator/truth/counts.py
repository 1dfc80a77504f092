"""How many statements of what sort there are, and how many of each imperfection."""

from collections import Counter

from simulator.plans.plan import Plan
from simulator.truth.engagement import EARLIEST, steps_of
from simulator.truth.standing import standing
from simulator.truth.tables import Tables


class Counts:
    """Of statements that count. One about a group is one statement, though each member has it."""

    def __init__(self) -> None:
        self.statements = 0
        self.kinds: Counter[str] = Counter()
        self.verbs: Counter[tuple[str, str]] = Counter()
        self.dialects: Counter[str] = Counter()
        self.places: Counter[str] = Counter()
        self.standings: Counter[str] = Counter()
        self.unmapped: Counter[str] = Counter()
        self.other: Counter[str] = Counter()

    def add(self, plan: Plan) -> None:
        matched = {0: "unmatched", 1: "matched"}.get(len(plan.facts.users), "ambiguous")
        for step in steps_of(plan):
            self.other["statement_learners"] += 1
            self.standings[standing(plan.facts, step.place.course)] += 1
            if not step.is_told:
                continue
            self.statements += 1
            self.kinds[step.verb.kind] += 1
            self.verbs[step.verb.iri, step.verb.kind] += 1
            self.dialects[step.visit.dialect] += 1
            self.places[step.place.level] += 1
            self.other[f"learners_{matched}"] += 1
            self.other["groups"] += step.visit.form == "group"
            self.other["clock_ahead"] += step.clock is not None
            self.other["clock_behind"] += step.at < EARLIEST
            if step.place.level in {"none", "ambiguous"}:
                self.unmapped[step.thing.iri] += 1

    def finish(self, tables: Tables, sent: Counter[str]) -> None:
        """`sent` counts what was added to the plans' statements on the way."""
        total = {"statements": self.statements, **self.other, **sent}
        for name, count in sorted(total.items()):
            tables.write("statement_counts", {"dimension": "total", "value": name, "statements": count})
        for dimension in ("kinds", "dialects", "places", "standings"):
            for value, count in sorted(getattr(self, dimension).items()):
                tables.write("statement_counts", {"dimension": dimension[:-1], "value": value, "statements": count})
        for (iri, kind), count in sorted(self.verbs.items()):
            tables.write("verbs", {"verb": iri, "kind": kind, "statements": count})
        for iri, count in sorted(self.unmapped.items()):
            tables.write("unmapped", {"activity": iri, "statements": count})
