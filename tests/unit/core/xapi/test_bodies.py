import json
from datetime import UTC, datetime
from typing import Any

import pytest

from core.xapi.bodies import compose, stamp
from core.xapi.sameness import same_statement
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import (
    ABOUT_SUB_STATEMENT,
    ACCOUNT,
    AGENT,
    STATEMENT,
    UUIDS,
    put,
    read,
    small,
    text,
    without,
)

STORED = datetime(2026, 11, 1, 8, 0, 0, 5000, tzinfo=UTC)
AUTHORITY = text({"objectType": "Agent", **ACCOUNT})


def composed(statement: Any, version: Version = Version.V1) -> dict[str, Any]:
    body = compose(read(statement), UUIDS[9], version, AUTHORITY)
    tree: dict[str, Any] = json.loads(body)
    return tree


def test_compose__adds_what_is_missing() -> None:
    assert composed(small()) == small(id=UUIDS[9], version="1.0.0", authority=json.loads(AUTHORITY))
    assert composed(small(), Version.V2)["version"] == "2.0.0"


def test_compose__keeps_what_is_there() -> None:
    tree = composed(small(id=UUIDS[0], version="1.0.9", timestamp="2026-03-01T09:30:00.123456789+01:00"))
    assert tree["id"] == UUIDS[0]
    assert tree["version"] == "1.0.9"
    assert tree["timestamp"] == "2026-03-01T09:30:00.123456789+01:00"


def test_compose__replaces_authority_and_stored() -> None:
    body = compose(read({**STATEMENT, "authority": AGENT}), UUIDS[9], Version.V1, AUTHORITY)
    assert body.count(b'"authority":') == 1
    assert json.loads(body)["authority"] == json.loads(AUTHORITY)
    assert "stored" not in json.loads(body)


def test_compose__notation_stays() -> None:
    sent = text(small(result={"extensions": {"a:b": "VALUE"}})).replace(b'"VALUE"', rb'[1E2,1.10,"\u00e9\/",1e-0]')
    body = compose(read(sent), UUIDS[9], Version.V1, AUTHORITY)
    assert body.startswith(sent[:-1])


@pytest.mark.parametrize("gap", [b"\n", b"\r\n", b"\t", b" \n "])
@pytest.mark.parametrize("before", [b'"mbox"', b'{"id":', b'"display"'])
def test_compose__no_line_breaks_wherever_they_were(gap: bytes, before: bytes) -> None:
    sent = text(STATEMENT).replace(before, gap + before)
    body = compose(read(sent), UUIDS[9], Version.V1, AUTHORITY)
    assert body == compose(read(STATEMENT), UUIDS[9], Version.V1, AUTHORITY)


@pytest.mark.parametrize(("base", "path"), [(STATEMENT, ("context",)), (ABOUT_SUB_STATEMENT, ("object", "context"))])
def test_compose__single_context_activities_become_arrays(base: dict[str, Any], path: tuple[str, ...]) -> None:
    single = put((*path, "contextActivities", "parent"), {"id": "a:b"}, base)
    sent = text(put((*path, "extensions"), {"a:b": "VALUE"}, single)).replace(b'"VALUE"', b"1.10")
    body = compose(read(sent), UUIDS[9], Version.V1, AUTHORITY)
    context = json.loads(body)
    for name in path:
        context = context[name]
    assert context["contextActivities"]["parent"] == [{"id": "a:b"}]
    assert context["contextActivities"]["other"] == STATEMENT["context"]["contextActivities"]["other"]
    assert b'"a:b":1.10' in body
    assert same_statement(read(sent), read(body))


def test_stamp__also_the_timestamp() -> None:
    body = compose(read(small()), UUIDS[9], Version.V1, AUTHORITY)
    tree = json.loads(stamp(body, STORED, has_timestamp=False))
    assert tree["stored"] == tree["timestamp"] == "2026-11-01T08:00:00.005Z"


def test_stamp__timestamp_stays() -> None:
    body = compose(read(STATEMENT), UUIDS[9], Version.V1, AUTHORITY)
    tree = json.loads(stamp(body, STORED, has_timestamp=True))
    assert tree["timestamp"] == STATEMENT["timestamp"]
    assert tree["stored"] == "2026-11-01T08:00:00.005Z"


@pytest.mark.parametrize("statement", [STATEMENT, ABOUT_SUB_STATEMENT, small(), without(("timestamp",))])
def test_compose__what_comes_back_is_the_same_statement(statement: dict[str, Any]) -> None:
    sent = read(statement)
    body = compose(sent, UUIDS[0], Version.V1, AUTHORITY)
    assert same_statement(sent, read(stamp(body, STORED, sent.timestamp is not None)))
