import json
import time
from typing import Any

import pytest

from core.xapi.accept_language import choose_language, parse_accept_language
from core.xapi.formats import Canon, canonical, only_ids
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import (
    ABOUT_SUB_STATEMENT,
    ACCOUNT,
    AGENT,
    ANONYMOUS,
    CONTEXT,
    EX,
    GROUP,
    REFERENCE,
    STATEMENT,
    STATEMENT_V2,
    put,
    refused_path,
    small,
    text,
)

ANA = {"objectType": "Agent", "mbox": AGENT["mbox"]}
TEAM = {"objectType": "Group", "openid": GROUP["openid"]}


def ids(statement: Any) -> Any:
    return json.loads(only_ids(text(statement)))


def canon(statement: Any, header: str = "", definitions: Any = None, displays: Any = None) -> Any:
    known = Canon(definitions or {}, displays or {}, parse_accept_language(header))
    return json.loads(canonical(text(statement), known))


def test_only_ids() -> None:
    found = ids({**STATEMENT_V2, "authority": {"name": "Ana", **ACCOUNT}})
    assert found["actor"] == ANA
    assert found["verb"] == {"id": f"{EX}/did"}
    assert found["object"] == {"id": f"{EX}/unit"}
    assert found["authority"] == ACCOUNT
    assert found["context"]["instructor"] == ANA
    assert found["context"]["team"] == TEAM
    assert found["context"]["contextAgents"][0]["agent"] == ANA
    assert found["context"]["contextGroups"][0]["group"] == TEAM
    assert found["result"] == STATEMENT["result"]
    assert refused_path(found, Version.V2) is None


def test_only_ids__context_activities() -> None:
    activities = {"parent": [{"id": "a:b", "objectType": "Activity", "definition": {}}, {"id": "a:c"}]}
    found = ids(put(("context", "contextActivities"), activities))
    assert found["context"]["contextActivities"] == {"parent": [{"id": "a:b"}, {"id": "a:c"}]}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (AGENT, ANA),
        (GROUP, TEAM),
        (ANONYMOUS, {"objectType": "Group", "member": [ANA, ACCOUNT]}),
        (REFERENCE, REFERENCE),
    ],
)
def test_only_ids__objects(sent: Any, expected: Any) -> None:
    assert ids(small(object=sent))["object"] == expected


def test_only_ids__sub_statement() -> None:
    found = ids(ABOUT_SUB_STATEMENT)["object"]
    assert found["actor"] == ANA
    assert found["object"] == {"id": f"{EX}/unit"}
    assert found["context"]["team"] == TEAM
    assert found["objectType"] == "SubStatement"


def test_formats__notation_stays() -> None:
    sent = text(STATEMENT).replace(b'"scaled":0.5', b'"scaled":5.0E-1')
    assert b'"scaled":5.0E-1' in only_ids(sent)
    assert b'"scaled":5.0E-1' in canonical(sent, Canon({}, {}, []))


def test_canonical__one_language() -> None:
    statement = put(("verb", "display"), {"en": "did", "pt": "fez"})
    definition = canon(statement, "pt")["object"]["definition"]
    assert definition["name"] == {"pt-BR": "Unidade"}
    assert definition["description"] == {"en": "A unit"}
    assert definition["choices"] == [{"id": "a", "description": {"en": "A"}}, {"id": "b"}]
    assert definition["extensions"] == STATEMENT["object"]["definition"]["extensions"]
    assert canon(statement, "pt")["verb"]["display"] == {"pt": "fez"}


def test_canonical__merged_definition_and_display() -> None:
    found = canon(
        small(),
        "de",
        {f"{EX}/unit": b'{"name":{"en":"Unit","de":"Einheit"},"type":"a:b"}'},
        {f"{EX}/did": b'{"en":"did","de":"tat"}'},
    )
    assert found["object"] == {"id": f"{EX}/unit", "definition": {"name": {"de": "Einheit"}, "type": "a:b"}}
    assert found["verb"] == {"id": f"{EX}/did", "display": {"de": "tat"}}


def test_canonical__context_activities() -> None:
    found = canon(STATEMENT, "", {f"{EX}/course": b'{"name":{"en":"Course"}}'})
    parent = found["context"]["contextActivities"]["parent"]
    assert parent == [{"id": f"{EX}/course", "definition": {"name": {"en": "Course"}}}]
    assert found["context"]["contextActivities"]["other"] == CONTEXT["contextActivities"]["other"]


def test_canonical__agents_as_sent() -> None:
    found = canon({**STATEMENT, "actor": GROUP})
    assert found["actor"] == GROUP
    assert canon(small(object=GROUP))["object"] == GROUP


def test_canonical__sub_statement() -> None:
    assert canon(ABOUT_SUB_STATEMENT, "pt-br")["object"]["object"]["definition"]["name"] == {"pt-BR": "Unidade"}


@pytest.mark.parametrize(
    ("header", "tags", "chosen"),
    [
        ("", ["en", "de"], "en"),
        ("de", ["en", "de"], "de"),
        ("DE", ["en", "de-AT"], "de-AT"),
        ("en-GB", ["en", "en-US", "en-GB"], "en-GB"),
        ("en", ["de", "en-US"], "en-US"),
        ("en-GB", ["de", "en"], "en"),
        ("fr, en;q=0.5", ["en", "de"], "en"),
        ("fr;q=0.2, en;q=0.5", ["fr", "en"], "en"),
        ("fr;q=0.9, *;q=0.1", ["de", "fr"], "fr"),
        ("*, de;q=0.5", ["de", "fr"], "fr"),
        ("en;q=0, *", ["en", "de"], "de"),
        ("en-GB;q=0, en", ["en-GB", "en-US"], "en-US"),
        ("de;q=0", ["de"], "de"),
        ("fr, de", ["de", "fr"], "fr"),
        ("nonsense;;, =, de", ["en", "de"], "de"),
        ("da", ["en", "de"], "en"),
        ("da", [], None),
    ],
)
def test_choose_language(header: str, tags: list[str], chosen: str | None) -> None:
    assert choose_language(tags, parse_accept_language(header)) == chosen


def test_canonical__empty_language_map() -> None:
    assert canon(small(verb={"id": "a:b", "display": {}}))["verb"]["display"] == {}


def test_parse_accept_language__as_long_as_a_header_can_be() -> None:
    began = time.perf_counter()
    assert parse_accept_language(f"en{' ' * 64_000}x, de") == parse_accept_language("de")
    assert len(parse_accept_language("en," * 20_000)) == 50
    assert time.perf_counter() - began < 1
