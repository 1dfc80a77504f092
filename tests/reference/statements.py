"""A statement's body, read once: when it happened, what kind it is, what it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tests.reference.agents import Identity, identity, individuals, is_group
from tests.reference.learners import Learner, Learners
from tests.reference.read import Row
from tests.reference.school import School
from tests.reference.verbs import JUDGEMENTS, KINDS, VOIDED

AHEAD = timedelta(minutes=5)
ANCIENT = datetime(2000, 1, 1, tzinfo=UTC)
LEVELS = ("parent", "grouping", "other")


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    id: str
    at: datetime
    is_ahead: bool
    verb: str
    # Before it is asked whose judgement it is.
    said: str
    kind: str
    # Of an activity only.
    object: str | None
    levels: tuple[tuple[str, ...], ...]
    people: tuple[Learner, ...]
    of_group: bool
    result: dict[str, Any]
    context: dict[str, Any]
    definition: dict[str, Any]
    credential: str | None

    @property
    def is_ancient(self) -> bool:
        return self.at < ANCIENT

    @property
    def is_activity(self) -> bool:
        """`graded` is nobody's."""
        return self.kind != "graded"

    @property
    def is_timed(self) -> bool:
        """Counts in sessions and time series."""
        return self.is_activity and not self.is_ancient

    @property
    def order(self) -> tuple[datetime, str]:
        return self.at, self.id

    @property
    def verdict(self) -> bool | None:
        """`result.success`, else the verb."""
        explicit = self.result.get("success")
        return explicit if explicit is not None else {"passed": True, "failed": False}.get(self.said)

    @property
    def score(self) -> dict[str, float]:
        return self.result.get("score") or {}

    def said_in_context(self, extension: str) -> Any:
        return (self.context.get("extensions") or {}).get(extension)

    def said_in_result(self, extension: str) -> Any:
        return (self.result.get("extensions") or {}).get(extension)

    def position(self, extension: str) -> float | None:
        """In seconds. Nothing checks extensions: what is no number says nothing."""
        found = self.said_in_result(extension)
        return float(found) if is_number(found) else None


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def statements(school: School, learners: Learners) -> list[Statement]:
    """Without the voided, and without those that void. In the order of time."""
    voided = {row["target"] for row in school.rows("references") if row["is_voiding"]}
    kinds = KINDS | {row["iri"]: row["kind"] for row in school.rows("verb_kinds") if row["kind"] is not None}
    return sorted(_read(school, learners, voided, kinds), key=lambda statement: statement.order)


def _read(school: School, learners: Learners, voided: set[str], kinds: dict[str, str]) -> Iterator[Statement]:
    for row in school.rows("statements"):
        body = msgspec.json.decode(row["body"])
        if body["verb"]["id"] != VOIDED and row["id"] not in voided:
            yield _statement(row, body, learners, kinds)


def _statement(row: Row, body: dict[str, Any], learners: Learners, kinds: dict[str, str]) -> Statement:
    is_ahead = row["timestamp"] - row["stored"] > AHEAD
    said = kinds.get(body["verb"]["id"], "other")
    context, about = body.get("context") or {}, body["object"]
    is_activity = about.get("objectType", "Activity") == "Activity"
    people = tuple(dict.fromkeys(learners.find(who) for who in individuals(body["actor"])))
    is_judged = said in JUDGEMENTS and _is_by_another(context.get("instructor"), people, learners)
    return Statement(
        id=row["id"],
        at=row["stored"] if is_ahead else row["timestamp"],
        is_ahead=is_ahead,
        verb=body["verb"]["id"],
        said=said,
        kind="graded" if is_judged else said,
        object=about["id"] if is_activity else None,
        levels=((about["id"],) if is_activity else (), *_around(context.get("contextActivities") or {})),
        people=people,
        of_group=is_group(body["actor"]),
        result=body.get("result") or {},
        context=context,
        definition=(about.get("definition") or {}) if is_activity else {},
        credential=row["credential"],
    )


def _around(activities: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for level in LEVELS:
        found = activities.get(level) or []
        listed = [found] if isinstance(found, dict) else found
        yield tuple(dict.fromkeys(one["id"] for one in listed))


def _is_by_another(instructor: dict[str, Any] | None, people: tuple[Learner, ...], learners: Learners) -> bool:
    """Another learner: one under two addresses judges themselves."""
    if instructor is None:
        return False
    who: Identity | None = identity(instructor)
    judges = [learners.find(who)] if who and not is_group(instructor) else _members(instructor, learners)
    return any(judge not in people for judge in judges)


def _members(group: dict[str, Any], learners: Learners) -> list[Learner]:
    return [learners.find(who) for who in individuals(group)]
