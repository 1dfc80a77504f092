"""Who may do what at the LRS, as docs/lrs.md has it, and a good request for each thing that can be done there."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from core.credentials import SCOPES
from lrs import events
from lrs.app import PREFIXES, RESOURCES
from tests.harness.event_examples import EXAMPLES
from tests.harness.events import event_body
from tests.harness.neighbours import ADA, DOCUMENTS, LESSON
from tests.harness.statements import make_statement

PREFIX = PREFIXES[0]
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH")
READING = frozenset(("GET", "HEAD"))
# Of each scope: what it reads, and what it writes.
LAW: dict[str, tuple[set[str], set[str]]] = {
    "statements/write": (set(), {"/statements"}),
    "statements/read/mine": ({"/statements", "/activities"}, set()),
    "statements/read": ({"/statements", "/agents", "/activities"}, set()),
    "state": ({"/activities/state"}, {"/activities/state"}),
    "profile": (
        {"/agents/profile", "/activities/profile", "/agents", "/activities"},
        {"/agents/profile", "/activities/profile"},
    ),
    "define": ({"/activities"}, set()),
    "all/read": (set(RESOURCES), set()),
    "all": (set(RESOURCES), set(RESOURCES)),
    "events/write": (set(), {events.PATH}),
}
HELD = [(scope,) for scope in SCOPES] + list(itertools.combinations(SCOPES, 2))


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    parameters: dict[str, str]
    body: Any = None

    @property
    def address(self) -> str:
        return self.path if self.path == events.PATH else PREFIX + self.path

    @property
    def headers(self) -> dict[str, str]:
        return {"If-None-Match": "*"} if self.method == "PUT" and self.path.endswith("/profile") else {}

    @property
    def is_served(self) -> bool:
        if self.path == events.PATH:
            return self.method == "POST"
        return self.method in RESOURCES[self.path] or (self.method == "HEAD" and "GET" in RESOURCES[self.path])

    def is_allowed_to(self, scopes: tuple[str, ...]) -> bool:
        return any(self.path in LAW[scope][self.method not in READING] for scope in scopes)


def requests() -> Iterator[Request]:
    """Each would be answered with success if it came from whoever may do all."""
    for method, path in itertools.product(METHODS, (*RESOURCES, events.PATH)):
        yield Request(method, path, *_asked(method, path))


def _asked(method: str, path: str) -> tuple[dict[str, str], Any]:
    if path == events.PATH:
        return {}, [event_body("user.upserted", EXAMPLES["user.upserted"])]
    if path == "/statements":
        statement = make_statement(id=None)
        put_under = {"statementId": str(uuid4())}
        return {"PUT": (put_under, statement), "POST": ({}, statement)}.get(method, ({"limit": "5"}, None))
    if path == "/agents":
        return {"agent": json.dumps(ADA)}, None
    if path == "/activities":
        return {"activityId": LESSON}, None
    place, name = next((place, name) for one, place, name in DOCUMENTS if one == path)
    if method in READING:
        return place, None
    # One that nobody has: so it may be made, merged into, or deleted.
    return {**place, name: str(uuid4())}, {"a": 1} if method in {"PUT", "POST"} else None
