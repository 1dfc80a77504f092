"""A statement with every property, and ways to change it."""

import json
from typing import Any

from core.xapi.errors import StatementError
from core.xapi.statements import Statement, read_statement
from core.xapi.versions import Version

Path = tuple[str | int, ...]

EX = "https://example.org"
UUIDS = [f"{number}a6bde5a-3c58-4f6b-9d2c-52d4b1a0c6f{number}" for number in range(10)]
SHA2 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

AGENT: dict[str, Any] = {"objectType": "Agent", "name": "Ana", "mbox": "mailto:ana@example.org"}
ACCOUNT: dict[str, Any] = {"account": {"homePage": EX, "name": "ana"}}
GROUP: dict[str, Any] = {"objectType": "Group", "name": "Team", "openid": f"{EX}/team", "member": [AGENT, ACCOUNT]}
ANONYMOUS: dict[str, Any] = {"objectType": "Group", "member": [AGENT, ACCOUNT]}
DEFINITION: dict[str, Any] = {
    "name": {"en": "Unit", "pt-BR": "Unidade"},
    "description": {"en": "A unit"},
    "type": f"{EX}/types/unit",
    "moreInfo": f"{EX}/more",
    "interactionType": "choice",
    "correctResponsesPattern": ["a"],
    "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}],
    "extensions": {f"{EX}/ext": {"any": [None, 1.50, "x"]}},
}
ACTIVITY: dict[str, Any] = {"objectType": "Activity", "id": f"{EX}/unit", "definition": DEFINITION}
REFERENCE: dict[str, Any] = {"objectType": "StatementRef", "id": UUIDS[1]}
ATTACHMENT: dict[str, Any] = {
    "usageType": f"{EX}/usage",
    "display": {"en": "File"},
    "description": {"en": "A file"},
    "contentType": "text/plain; charset=utf-8",
    "length": 27,
    "sha2": SHA2,
    "fileUrl": f"{EX}/file",
}
CONTEXT: dict[str, Any] = {
    "registration": UUIDS[2],
    "instructor": AGENT,
    "team": GROUP,
    "contextActivities": {
        "parent": [{"id": f"{EX}/course"}],
        "grouping": [{"id": f"{EX}/programme"}],
        "category": [{"id": f"{EX}/profile"}],
        "other": [{"id": f"{EX}/book"}],
    },
    "revision": "3",
    "platform": "LMS",
    "language": "en-GB",
    "statement": REFERENCE,
    "extensions": {f"{EX}/ext": None},
}
STATEMENT: dict[str, Any] = {
    "id": UUIDS[0],
    "actor": AGENT,
    "verb": {"id": f"{EX}/did", "display": {"en": "did"}},
    "object": ACTIVITY,
    "result": {
        "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10},
        "success": True,
        "completion": False,
        "response": "a",
        "duration": "PT1M30.5S",
        "extensions": {f"{EX}/ext": 1},
    },
    "context": CONTEXT,
    "timestamp": "2026-03-01T09:30:00.123Z",
    "stored": "2026-03-01T09:30:01.000Z",
    "authority": ACCOUNT,
    "version": "1.0.3",
    "attachments": [ATTACHMENT],
}
SUB_STATEMENT: dict[str, Any] = {
    "objectType": "SubStatement",
    **{name: STATEMENT[name] for name in ("actor", "verb", "object", "result", "context", "timestamp", "attachments")},
}
CONTEXT_AGENT: dict[str, Any] = {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": [f"{EX}/types/coach"]}
CONTEXT_GROUP: dict[str, Any] = {"objectType": "contextGroup", "group": GROUP, "relevantTypes": [f"{EX}/types/team"]}
STATEMENT_V2: dict[str, Any] = {
    **STATEMENT,
    "version": "2.0.0",
    "context": {**CONTEXT, "contextAgents": [CONTEXT_AGENT], "contextGroups": [CONTEXT_GROUP]},
}
ABOUT_SUB_STATEMENT: dict[str, Any] = {
    **{name: value for name, value in STATEMENT.items() if name != "context"},
    "object": SUB_STATEMENT,
}
SMALL: dict[str, Any] = {"actor": ACCOUNT, "verb": {"id": f"{EX}/did"}, "object": {"id": f"{EX}/unit"}}


def put(path: Path, value: Any, base: dict[str, Any] = STATEMENT) -> dict[str, Any]:
    changed = _copy(base)
    _parent(changed, path)[path[-1]] = value
    return changed


def without(path: Path, base: dict[str, Any] = STATEMENT) -> dict[str, Any]:
    changed = _copy(base)
    del _parent(changed, path)[path[-1]]
    return changed


def small(**changes: Any) -> dict[str, Any]:
    return {**SMALL, **changes}


def text(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def read(tree: Any, version: Version = Version.V1) -> Statement:
    return read_statement(tree if isinstance(tree, bytes) else text(tree), version)


def refused_path(tree: Any, version: Version = Version.V1) -> str | None:
    """None: it is accepted."""
    error = refusal(tree, version)
    assert error is None or (error.found and error.allowed)
    return error.path if error else None


def refusal(tree: Any, version: Version = Version.V1) -> StatementError | None:
    try:
        read(tree, version)
    except StatementError as error:
        return error
    return None


def nodes(tree: Any, path: Path = ()) -> list[Path]:
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(inner for key, part in parts for inner in nodes(part, (*path, key)))]


def _copy(tree: dict[str, Any]) -> dict[str, Any]:
    """Parts that occur twice become independent, unlike by `deepcopy`."""
    copied: dict[str, Any] = json.loads(json.dumps(tree))
    return copied


def _parent(tree: Any, path: Path) -> Any:
    for key in path[:-1]:
        tree = tree[key]
    return tree
