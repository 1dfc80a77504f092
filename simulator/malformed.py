"""Statements that an LRS has to refuse, each with the property that its refusal has to name."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import msgspec

from simulator.chance import new_id
from simulator.dialects.words import encode
from simulator.plans.learners import actors
from simulator.world.tenants import Tenant
from simulator.world.things import User

Tree = dict[str, Any]
ADL = "http://adlnet.gov/expapi"


class Malformed(msgspec.Struct, frozen=True):
    # Within the statement; empty: the text as a whole.
    path: str
    text: str


def _put(*path: str) -> Callable[[Tree, Any], None]:
    def put(tree: Tree, value: Any) -> None:
        for name in path[:-1]:
            tree = tree[name]
        tree[path[-1]] = value

    return put


def _drop(*path: str) -> Callable[[Tree, Any], None]:
    def drop(tree: Tree, _: Any) -> None:
        for name in path[:-1]:
            tree = tree[name]
        del tree[path[-1]]

    return drop


# The path to be named, what is done to a good statement, and with what.
MISTAKES: tuple[tuple[str, Callable[[Tree, Any], None], Any], ...] = (
    ("actor", _drop("actor"), None),
    ("verb", _drop("verb"), None),
    ("object", _drop("object"), None),
    ("id", _put("id"), "not-a-uuid"),
    ("verb.id", _put("verb", "id"), "completed"),
    ("verb.id", _drop("verb", "id"), None),
    ('verb.display["no language"]', _put("verb", "display"), {"no language": "done"}),
    ("actor.account.name", _drop("actor", "account", "name"), None),
    ("actor.account.homePage", _put("actor", "account", "homePage"), "lms"),
    ("actor.mbox", _put("actor", "mbox"), "mailto:second@identifier.example"),
    ("actor.mbox", _put("actor"), {"mbox": "ana@school.example"}),
    ("actor.mbox_sha1sum", _put("actor"), {"mbox_sha1sum": "c0ffee"}),
    ("object.id", _put("object", "id"), "lesson one"),
    ("object.objectType", _put("object", "objectType"), "Lesson"),
    ("object.definition.type", _put("object", "definition", "type"), "lesson"),
    ("object.definition.interactionType", _put("object", "definition"), {"correctResponsesPattern": ["a"]}),
    ("result.score.scaled", _put("result", "score"), {"scaled": 1.2}),
    ("result.score.raw", _put("result", "score"), {"raw": 12, "min": 0, "max": 10}),
    ("result.score.min", _put("result", "score"), {"min": 10, "max": 5}),
    ("result.success", _put("result", "success"), "true"),
    ("result.duration", _put("result", "duration"), "90 seconds"),
    ("result.grade", _put("result", "grade"), "A"),
    ("context.registration", _put("context", "registration"), "{not a uuid}"),
    ("context.language", _put("context", "language"), "english, please"),
    ("context.contextActivities.above", _put("context", "contextActivities", "above"), []),
    ("timestamp", _put("timestamp"), "2026-02-30T09:00:00.000Z"),
    ("timestamp", _put("timestamp"), "01.03.2026 9:00"),
    ("course", _put("course"), "data"),
)
BROKEN = ('{"actor":', "{'actor': 'ana'}", '"completed"')


def malformed(tenant: Tenant, rng: Random) -> Iterator[Malformed]:
    for path, change, value in MISTAKES:
        tree = _good(tenant, rng)
        change(tree, value)
        yield Malformed(path, encode(tree).decode())
    for text in BROKEN:
        yield Malformed("", text)


def _good(tenant: Tenant, rng: Random) -> Tree:
    user: User = tenant.staff[1]
    actor: Tree = msgspec.json.decode(actors(tenant.sites, user)["lms_external"])
    course = tenant.courses["linear"]
    lesson = course.lessons[0]
    definition = {"name": {"en-US": lesson.title}, "type": f"{ADL}/activities/lesson"}
    return {
        "id": new_id(rng),
        "actor": actor,
        "verb": {"id": f"{ADL}/verbs/completed", "display": {"en-US": "completed"}},
        "object": {"objectType": "Activity", "id": lesson.iri, "definition": definition},
        "result": {"completion": True, "score": {"scaled": 0.9}},
        "context": {"contextActivities": {"parent": [{"id": course.iri}]}},
        "timestamp": "2026-09-01T09:00:00.000Z",
    }
