"""Statements for tests: small, valid, and different where a test says so."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from core.envelope import AcceptedStatement, Envelope
from core.xapi.bodies import compose
from core.xapi.records import derive
from core.xapi.statements import read_statement
from core.xapi.versions import Version

AUTHORITY = b'{"account":{"homePage":"https://lms.example","name":"content"}}'
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
VERB = "http://adlnet.gov/expapi/verbs/completed"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def make_statement(**changes: Any) -> dict[str, Any]:
    statement = {
        "id": str(uuid4()),
        "actor": {"mbox": "mailto:ada@school.example", "name": "Ada"},
        "verb": {"id": VERB, "display": {"en": "completed"}},
        "object": {"id": "https://lms.example/lessons/1"},
        "timestamp": "2026-06-01T10:00:00.000Z",
    }
    return {name: value for name, value in {**statement, **changes}.items() if value is not None}


def make_void(target_id: str, **changes: Any) -> dict[str, Any]:
    return make_statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": target_id}, **changes)


def accept(tenant_id: int, statement: Mapping[str, Any], version: Version = Version.V1) -> AcceptedStatement:
    read = read_statement(json.dumps(statement).encode(), version)
    statement_id = read.id or str(uuid4())
    return AcceptedStatement(statement_id, derive(read, tenant_id), compose(read, statement_id, version, AUTHORITY))


def make_envelope(tenant_id: int, *statements: Mapping[str, Any]) -> Envelope:
    accepted = [accept(tenant_id, statement) for statement in statements]
    return Envelope(tenant_id, str(uuid4()), NOW, accepted)
