"""Tenants that name everything alike, each with a content of its own; and all that can be asked about it."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import httpx
import msgspec

from tests.harness.attachments import data_part, describe, join, opened, statements_part
from tests.harness.lrs import Client
from tests.harness.statements import make_statement, make_void

BOUNDARY = "neighbours"
NAMESPACE = UUID("6690e6c9-3ef0-4ed3-8b37-7f3964730bee")
REGISTRATION = str(NAMESPACE)
ADA = {"mbox": "mailto:ada@shared.example"}
GRACE = {"account": {"homePage": "https://shared.example", "name": "grace"}}
TEAM = {"objectType": "Group", "openid": "https://shared.example/team"}
AUTHORITY = {"mbox": "mailto:authority@shared.example"}
LESSON, COURSE = "https://shared.example/lessons/1", "https://shared.example/courses/1"
VERB = "https://shared.example/verbs/did"
# More than are followed one by one: see lrs/finding.py.
COMMENTS = 105
Asked = tuple[str, dict[str, str]]


def shared_id(name: str) -> str:
    """The same in both tenants."""
    return str(uuid5(NAMESPACE, name))


NAMES = ("whole", "plain", "by-team", "comment", "voided", "void", "kept", "only-one")
IDS = [shared_id(name) for name in NAMES]


@dataclass(frozen=True)
class Neighbour:
    client: Client
    mark: str

    def plant(self) -> None:
        data = f"data of {self.mark}".encode()
        statements = [self.whole(data), *self.others(), *self.comments()]
        content_type = {"Content-Type": f"multipart/mixed; boundary={BOUNDARY}"}
        body = join([statements_part(statements), data_part(data)], BOUNDARY)
        self.client.post("/statements", content=body, headers=content_type).raise_for_status()
        self.plant_documents()

    def statement(self, name: str, **changes: Any) -> dict[str, Any]:
        of_us = {"response": self.mark}
        return make_statement(**{"id": shared_id(name), "actor": ADA, "verb": {"id": VERB}, "result": of_us, **changes})

    def whole(self, data: bytes) -> dict[str, Any]:
        """With everything by which it can be asked for."""
        definition = {"name": {"en": self.mark}, "extensions": {"https://shared.example/x": self.mark}}
        context = {
            "registration": REGISTRATION,
            "instructor": {**GRACE, "name": self.mark},
            "contextActivities": {"parent": [{"id": COURSE, "definition": {"name": {"en": self.mark}}}]},
        }
        return self.statement(
            "whole",
            actor={**ADA, "name": self.mark},
            object={"id": LESSON, "definition": definition},
            context=context,
            attachments=[describe(data)],
        )

    def others(self) -> list[dict[str, Any]]:
        return [
            self.statement("plain", object={"id": LESSON}),
            self.statement("by-team", actor={**TEAM, "member": [{**GRACE, "name": self.mark}]}),
            self.statement("comment", actor=GRACE, object={"objectType": "StatementRef", "id": shared_id("whole")}),
            self.statement("voided", object={"id": LESSON}),
            self.statement("kept", object={"id": LESSON}),
        ]

    def comments(self) -> list[dict[str, Any]]:
        target = {"objectType": "StatementRef", "id": shared_id("plain")}
        return [self.statement(f"{self.mark}-{number}", actor=GRACE, object=target) for number in range(COMMENTS)]

    def void(self, name: str) -> None:
        self.client.post("/statements", json=make_void(shared_id(name), actor=ADA)).raise_for_status()

    def plant_documents(self) -> None:
        for path, place, name in DOCUMENTS:
            headers = {"If-None-Match": "*"}
            for document_id in ("same", self.mark):
                params = {**place, name: document_id}
                self.client.put(path, params=params, json={"of": self.mark}, headers=headers).raise_for_status()

    def sees(self) -> dict[str, Any]:
        """All answers to all that can be asked, without what differs from one time to the next."""
        return {f"{path}?{parameters}": self.ask(path, parameters) for path, parameters in everything()}

    def ask(self, path: str, parameters: dict[str, str]) -> Any:
        answer = self.client.get(path, params=parameters)
        kept = {name: answer.headers.get(name) for name in ("etag", "last-modified")}
        return answer.status_code, kept, content(answer)


STATE_PLACE = {"activityId": LESSON, "agent": json.dumps(ADA), "registration": REGISTRATION}
DOCUMENTS: list[tuple[str, dict[str, str], str]] = [
    ("/activities/state", STATE_PLACE, "stateId"),
    ("/activities/state", {name: STATE_PLACE[name] for name in ("activityId", "agent")}, "stateId"),
    ("/agents/profile", {"agent": json.dumps(ADA)}, "profileId"),
    ("/activities/profile", {"activityId": LESSON}, "profileId"),
]
FILTERS: list[dict[str, str]] = [
    {},
    *({"agent": json.dumps(agent)} for agent in (ADA, GRACE, TEAM, AUTHORITY)),
    *({"agent": json.dumps(agent), "related_agents": "true"} for agent in (ADA, GRACE, TEAM, AUTHORITY)),
    *({"activity": activity} for activity in (LESSON, COURSE)),
    *({"activity": activity, "related_activities": "true"} for activity in (LESSON, COURSE)),
    {"verb": VERB},
    {"registration": REGISTRATION},
    {"since": "2020-01-01T00:00:00Z"},
    {"until": "2100-01-01T00:00:00Z"},
    {"agent": json.dumps(ADA), "verb": VERB, "activity": LESSON, "registration": REGISTRATION},
]


def everything() -> Iterator[Asked]:
    forms = [{"format": form} for form in ("exact", "ids", "canonical")]
    enclosed = [{"attachments": "true"}, {"attachments": "false"}]
    orders: list[dict[str, str]] = [{}, {"ascending": "true"}, {"limit": "2"}]
    for selection, form, attachments, order in itertools.product(FILTERS, forms, enclosed, orders):
        yield "/statements", {**selection, **form, **attachments, **order}
    for name, statement_id, form, attachments in itertools.product(
        ("statementId", "voidedStatementId"), IDS, forms, enclosed
    ):
        yield "/statements", {name: statement_id, **form, **attachments}
    for path, place, name in DOCUMENTS:
        yield path, place
        yield path, {**place, "since": "2020-01-01T00:00:00Z"}
        yield path, {**place, name: "same"}
    for agent in (ADA, GRACE):
        yield "/agents", {"agent": json.dumps(agent)}
    for activity in (LESSON, COURSE):
        yield "/activities", {"activityId": activity}


def content(answer: httpx.Response) -> Any:
    if answer.headers.get("content-type", "").startswith("multipart/"):
        enclosed = opened(answer)
        return _settled(enclosed.statements), enclosed.data
    return _settled(msgspec.json.decode(answer.content))


def _settled(tree: Any) -> Any:
    """A `more` link says when it was made."""
    return {**tree, "more": bool(tree["more"])} if isinstance(tree, dict) and "more" in tree else tree
