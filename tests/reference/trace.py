"""What each statement is, and what could not be mapped."""

from collections import Counter

from tests.reference.deeds import Deed, History
from tests.reference.engagement import Rows
from tests.reference.places import AMBIGUOUS, NONE, Place
from tests.reference.sessions import Session
from tests.reference.statements import Statement


def statement_rows(history: History, sessions: list[Session]) -> Rows:
    lasts = {span.deed.statement.id: span.lasts.total_seconds() for session in sessions for span in session.spans}
    places = _places(history.deeds)
    return [
        {
            "statement": one.id, "occurred_at": one.at, "kind": one.kind, "verb": one.verb,
            "level": places.get(one.id, NONE).level, "course": places.get(one.id, NONE).course,
            "lesson": places.get(one.id, NONE).lesson, "assessment": places.get(one.id, NONE).assessment,
            "lasts": lasts.get(one.id),
        }
        for one in history.statements
    ]  # fmt: skip


def _places(deeds: list[Deed]) -> dict[str, Place]:
    """Of a group's statement where all of its members were in the same one."""
    found: dict[str, Place] = {}
    for deed in deeds:
        known = found.setdefault(deed.statement.id, deed.place)
        if known != deed.place:
            found[deed.statement.id] = AMBIGUOUS
    return found


def learner_rows(history: History) -> Rows:
    return [
        {
            "statement": one.statement.id, "learner": one.learner.user, "actor": one.learner.actor,
            "standing": one.standing,
        }
        for one in history.deeds
    ]  # fmt: skip


def count_rows(history: History) -> Rows:
    """Of standings learners of statements are counted, of which a group has several; else statements."""
    places = _places(history.deeds)
    counts = Counter({
        ("total", "statements"): len(history.statements),
        ("total", "statement_learners"): len(history.deeds),
        ("total", "clock_ahead"): sum(one.is_ahead for one in history.statements),
        ("total", "clock_behind"): sum(one.is_ancient for one in history.statements),
        ("total", "groups"): sum(one.of_group for one in history.statements),
    })  # fmt: skip
    counts.update(("kind", one.kind) for one in history.statements)
    counts.update(("place", places.get(one.id, NONE).level) for one in history.statements)
    counts.update(("standing", one.standing) for one in history.deeds)
    counts.update(("total", f"learners_{_match(one, history)}") for one in history.statements)
    return [
        {"dimension": dimension, "value": value, "statements": count} for (dimension, value), count in counts.items()
    ]


def _match(statement: Statement, history: History) -> str:
    if any(learner.user is not None for learner in statement.people):
        return "matched"
    is_ambiguous = any(learner.actor in history.learners.ambiguous for learner in statement.people)
    return "ambiguous" if is_ambiguous else "unmatched"


def unmapped_rows(history: History) -> Rows:
    """By the object, of statements that have no place."""
    places = _places(history.deeds)
    counts = Counter(
        one.object for one in history.statements if one.object is not None and places.get(one.id, NONE).course is None
    )
    return [{"activity": activity, "statements": count} for activity, count in counts.items()]
