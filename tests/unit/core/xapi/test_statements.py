from datetime import UTC, datetime
from typing import Any

import pytest

from core.xapi.agents import Agent
from core.xapi.attachments import SIGNATURE
from core.xapi.statements import StatementRef, SubStatement
from core.xapi.verbs import VOIDED
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import (
    ABOUT_SUB_STATEMENT,
    ACCOUNT,
    AGENT,
    ANONYMOUS,
    ATTACHMENT,
    CONTEXT_AGENT,
    EX,
    GROUP,
    REFERENCE,
    STATEMENT,
    STATEMENT_V2,
    SUB_STATEMENT,
    UUIDS,
    Path,
    nodes,
    put,
    read,
    refused_path,
    small,
    text,
    without,
)


@pytest.mark.parametrize(
    ("statement", "version"),
    [
        (STATEMENT, Version.V1),
        (STATEMENT, Version.V2),
        (STATEMENT_V2, Version.V2),
        (ABOUT_SUB_STATEMENT, Version.V1),
        (ABOUT_SUB_STATEMENT, Version.V2),
        (put(("object", "context"), STATEMENT_V2["context"], ABOUT_SUB_STATEMENT), Version.V2),
        (small(), Version.V1),
        (small(object=AGENT, context={"language": "en"}), Version.V1),
        (small(object=REFERENCE, context={}), Version.V1),
    ],
)
def test_read_statement__accepted(statement: dict[str, Any], version: Version) -> None:
    assert refused_path(statement, version) is None


def test_read_statement__typed() -> None:
    statement = read(STATEMENT)
    assert statement.id == UUIDS[0]
    assert statement.verb.id == f"{EX}/did"
    assert statement.timestamp == datetime(2026, 3, 1, 9, 30, 0, 123000, tzinfo=UTC)
    assert statement.context is not None
    assert statement.context.registration == UUIDS[2]
    assert statement.attachments[0].length == 27
    assert isinstance(read(ABOUT_SUB_STATEMENT).object, SubStatement)


def test_read_statement__ids_in_lower_case() -> None:
    assert read(small(id=UUIDS[0].upper())).id == UUIDS[0]


ACCEPTED: list[tuple[Path, Any]] = [
    (("actor",), GROUP),
    (("actor",), ANONYMOUS),
    (("actor",), {"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}),
    (("actor",), {"objectType": "Group", "mbox": "mailto:team@example.org", "member": []}),
    (("actor", "name"), ""),
    (("object",), {"id": "urn:isbn:0451450523"}),
    (("object", "id"), "http://example.org/فعل?q=%41#x"),
    (("object", "definition"), {}),
    (("object", "definition", "extensions"), {}),
    (("result", "score"), {"scaled": -1}),
    (("result", "score"), {"scaled": 1.0, "raw": -3.5e2}),
    (("result", "score"), {"raw": 10, "min": 0, "max": 10}),
    (("result", "extensions", f"{EX}/ext"), None),
    (("result", "extensions", f"{EX}/ext"), {"": [[], {}, None, ""]}),
    (("context", "contextActivities", "parent"), {"id": f"{EX}/course"}),
    (("context", "contextActivities"), {"parent": []}),
    (("context", "instructor"), GROUP),
    (("authority",), AGENT),
    (("authority",), ANONYMOUS),
    (("version",), "1.0"),
    (("version",), "1.0.9"),
    (("attachments",), []),
    (("verb", "display"), {}),
]


@pytest.mark.parametrize(("path", "value"), ACCEPTED)
def test_read_statement__accepted_change(path: Path, value: Any) -> None:
    assert refused_path(put(path, value)) is None


@pytest.mark.parametrize("agent", [AGENT, GROUP, ANONYMOUS])
def test_read_statement__object_is_agent(agent: dict[str, Any]) -> None:
    found = read(small(object={"objectType": "Agent", **agent})).object
    assert isinstance(found, Agent)


# The change, and the path that the error names.
REFUSED: list[tuple[Path, Any, str]] = [
    (("id",), "", "id"),
    (("id",), 1, "id"),
    (("id",), "8f87ccde-bb56-4c2e-ab83-44982ef22df", "id"),
    (("id",), "8f87ccde-bb56-4c2e-ab83-44982ef22df01", "id"),
    (("id",), "8f87ccdebb564c2eab8344982ef22df0", "id"),
    (("id",), "gf87ccde-bb56-4c2e-ab83-44982ef22df0", "id"),
    (("extra",), 1, "extra"),
    (("Actor",), AGENT, "Actor"),
    (("actor",), "ana", "actor"),
    (("actor",), [], "actor"),
    (("actor",), {}, "actor"),
    (("actor",), {"name": "Ana"}, "actor"),
    (("actor", "objectType"), "agent", "actor.objectType"),
    (("actor", "objectType"), 1, "actor.objectType"),
    (("actor", "objectType"), "Person", "actor.objectType"),
    (("actor", "name"), 1, "actor.name"),
    (("actor", "openid"), f"{EX}/ana", "actor.openid"),
    (("actor", "member"), [], "actor.member"),
    (("actor", "extra"), 1, "actor.extra"),
    (("actor", "mbox"), "ana@example.org", "actor.mbox"),
    (("actor", "mbox"), "mailto:ana", "actor.mbox"),
    (("actor", "mbox"), "mailto:ana@example.org, bo@example.org", "actor.mbox"),
    (("actor", "mbox"), "mailto:ana@example.org?subject=x", "actor.mbox"),
    (("actor", "mbox"), "mailto:" + "a" * 2048 + "@example.org", "actor.mbox"),
    (("actor",), {"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee"}, "actor.mbox_sha1sum"),
    (("actor",), {"mbox_sha1sum": "zbd31e95054c018b10727ccffd2ef2ec3a016ee9"}, "actor.mbox_sha1sum"),
    (("actor",), {"openid": "ana"}, "actor.openid"),
    (("actor",), {"account": "ana"}, "actor.account"),
    (("actor",), {"account": {"name": "ana"}}, "actor.account.homePage"),
    (("actor",), {"account": {"homePage": EX}}, "actor.account.name"),
    (("actor",), {"account": {"homePage": EX, "name": 1}}, "actor.account.name"),
    (("actor",), {"account": {"homePage": "example.org", "name": "ana"}}, "actor.account.homePage"),
    (("actor",), {"account": {"homePage": EX, "name": "ana", "id": 1}}, "actor.account.id"),
    (("actor",), {"objectType": "Group"}, "actor.member"),
    (("actor",), {"objectType": "Group", "member": []}, "actor.member"),
    (("actor",), {"objectType": "Group", "member": AGENT}, "actor.member"),
    (("actor",), {"objectType": "Group", "member": [AGENT, {"name": "Bo"}]}, "actor.member[1]"),
    (("actor",), {"objectType": "Group", "member": [GROUP]}, "actor.member[0].objectType"),
    (("verb",), "did", "verb"),
    (("verb",), {"display": {"en": "did"}}, "verb.id"),
    (("verb", "id"), "did", "verb.id"),
    (("verb", "id"), "", "verb.id"),
    (("verb", "id"), "https:", "verb.id"),
    (("verb", "id"), "https://example.org/a b", "verb.id"),
    (("verb", "id"), "https://example.org/%zz", "verb.id"),
    (("verb", "id"), "https://example.org/" + "a" * 2048, "verb.id"),
    (("verb", "display"), "did", "verb.display"),
    (("verb", "display"), {"en": None}, "verb.display.en"),
    (("verb", "display"), {"something": "x"}, "verb.display.something"),
    (("verb", "display"), {"en_GB": "x"}, "verb.display.en_GB"),
    (("verb", "extra"), 1, "verb.extra"),
    (("verb", "id"), VOIDED, "object.objectType"),
    (("object",), "unit", "object"),
    (("object",), AGENT | {"objectType": "Activity"}, "object.name"),
    (("object",), ACCOUNT, "object.account"),
    (("object",), {"objectType": "activity", "id": EX}, "object.objectType"),
    (("object",), {"objectType": "StatementRef", "id": EX}, "object.id"),
    (("object",), {"objectType": "StatementRef"}, "object.id"),
    (("object",), REFERENCE | {"name": 1}, "object.name"),
    (("object",), REFERENCE, "context.revision"),
    (("object",), AGENT, "context.revision"),
    (("object", "id"), "unit", "object.id"),
    (("object", "id"), None, "object.id"),
    (("object", "extra"), 1, "object.extra"),
    (("object", "definition"), [], "object.definition"),
    (("object", "definition", "extra"), 1, "object.definition.extra"),
    (("object", "definition", "name"), "Unit", "object.definition.name"),
    (("object", "definition", "name"), {"en": 1}, "object.definition.name.en"),
    (("object", "definition", "description", "x"), "x", "object.definition.description.x"),
    (("object", "definition", "type"), "unit", "object.definition.type"),
    (("object", "definition", "moreInfo"), "more", "object.definition.moreInfo"),
    (("object", "definition", "interactionType"), "Choice", "object.definition.interactionType"),
    (("object", "definition", "interactionType"), 1, "object.definition.interactionType"),
    (("object", "definition", "interactionType"), "likert", "object.definition.choices"),
    (("object", "definition", "correctResponsesPattern"), "a", "object.definition.correctResponsesPattern"),
    (("object", "definition", "correctResponsesPattern"), ["a", 1], "object.definition.correctResponsesPattern[1]"),
    (("object", "definition", "choices"), {"id": "a"}, "object.definition.choices"),
    (("object", "definition", "choices", 1), {"id": "a"}, "object.definition.choices[1].id"),
    (("object", "definition", "choices", 0, "id"), 1, "object.definition.choices[0].id"),
    (("object", "definition", "choices", 0), {"description": {}}, "object.definition.choices[0].id"),
    (("object", "definition", "choices", 0, "extra"), 1, "object.definition.choices[0].extra"),
    (("object", "definition", "choices", 0, "description"), "A", "object.definition.choices[0].description"),
    (("object", "definition", "scale"), [], "object.definition.scale"),
    (("object", "definition", "extensions"), [], "object.definition.extensions"),
    (("object", "definition", "extensions", "ext"), 1, "object.definition.extensions.ext"),
    (("result",), [], "result"),
    (("result", "extra"), 1, "result.extra"),
    (("result", "score"), 5, "result.score"),
    (("result", "score", "scaled"), 1.01, "result.score.scaled"),
    (("result", "score", "scaled"), -1.00001, "result.score.scaled"),
    (("result", "score", "scaled"), "0.5", "result.score.scaled"),
    (("result", "score", "scaled"), True, "result.score.scaled"),
    (("result", "score", "raw"), 11, "result.score.raw"),
    (("result", "score", "raw"), -1, "result.score.raw"),
    (("result", "score", "min"), 10, "result.score.min"),
    (("result", "score", "max"), None, "result.score.max"),
    (("result", "score", "extra"), 1, "result.score.extra"),
    (("result", "success"), "true", "result.success"),
    (("result", "completion"), 1, "result.completion"),
    (("result", "response"), 1, "result.response"),
    (("result", "duration"), "1 hour", "result.duration"),
    (("result", "duration"), 90, "result.duration"),
    (("result", "extensions"), "x", "result.extensions"),
    (("result", "extensions", "should fail"), 1, 'result.extensions["should fail"]'),
    (("context",), "x", "context"),
    (("context", "extra"), 1, "context.extra"),
    (("context", "registration"), "x", "context.registration"),
    (("context", "instructor"), {}, "context.instructor"),
    (("context", "team"), AGENT, "context.team.objectType"),
    (("context", "contextActivities"), [], "context.contextActivities"),
    (("context", "contextActivities", "child"), [], "context.contextActivities.child"),
    (("context", "contextActivities", "parent"), EX, "context.contextActivities.parent"),
    (("context", "contextActivities", "other", 0, "id"), "x", "context.contextActivities.other[0].id"),
    (("context", "contextActivities", "other", 0), AGENT, "context.contextActivities.other[0].objectType"),
    (("context", "revision"), 3, "context.revision"),
    (("context", "platform"), {}, "context.platform"),
    (("context", "language"), "e", "context.language"),
    (("context", "language"), {"en": "x"}, "context.language"),
    (("context", "statement"), {"id": UUIDS[1]}, "context.statement.objectType"),
    (("context", "statement", "objectType"), "statementref", "context.statement.objectType"),
    (("context", "statement", "id"), "x", "context.statement.id"),
    (("context", "extensions", "x"), 1, "context.extensions.x"),
    (("context", "contextAgents"), [CONTEXT_AGENT], "context.contextAgents"),
    (("context", "contextGroups"), [], "context.contextGroups"),
    (("timestamp",), 1, "timestamp"),
    (("timestamp",), "01/011/2015", "timestamp"),
    (("stored",), "yesterday", "stored"),
    (("authority",), GROUP, "authority"),
    (("authority",), {"objectType": "Group", "member": [ACCOUNT]}, "authority"),
    (("authority",), {"objectType": "Group", "member": [ACCOUNT, AGENT, AGENT]}, "authority"),
    (("authority",), {"objectType": "Group", "member": [AGENT, AGENT]}, "authority.member"),
    (("version",), "1.1.0", "version"),
    (("version",), "0.95", "version"),
    (("version",), "1.0.", "version"),
    (("version",), "2.0.0", "version"),
    (("version",), 1.0, "version"),
    (("attachments",), ATTACHMENT, "attachments"),
    (("attachments", 0), "x", "attachments[0]"),
    (("attachments", 0, "extra"), "x", "attachments[0].extra"),
    (("attachments", 0, "usageType"), "x", "attachments[0].usageType"),
    (("attachments", 0, "display"), "x", "attachments[0].display"),
    (("attachments", 0, "description"), {"something": "x"}, "attachments[0].description.something"),
    (("attachments", 0, "contentType"), "text", "attachments[0].contentType"),
    (("attachments", 0, "usageType"), SIGNATURE, "attachments[0].contentType"),
    (("attachments", 0, "length"), 27.5, "attachments[0].length"),
    (("attachments", 0, "length"), -1, "attachments[0].length"),
    (("attachments", 0, "length"), 2**63, "attachments[0].length"),
    (("attachments", 0, "sha2"), "x", "attachments[0].sha2"),
    (("attachments", 0, "fileUrl"), "x", "attachments[0].fileUrl"),
]


@pytest.mark.parametrize(("path", "value", "named"), REFUSED)
def test_read_statement__refused(path: Path, value: Any, named: str) -> None:
    assert refused_path(put(path, value)) == named


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("actor",), "actor"),
        (("verb",), "verb"),
        (("object",), "object"),
        (("object", "id"), "object.id"),
        (("object", "definition", "interactionType"), "object.definition.interactionType"),
        *(
            (("attachments", 0, name), f"attachments[0].{name}")
            for name in ("usageType", "display", "contentType", "length", "sha2")
        ),
    ],
)
def test_read_statement__missing(path: Path, named: str) -> None:
    assert refused_path(without(path)) == named


@pytest.mark.parametrize("definition", [{"choices": [{"id": "a"}]}, {"correctResponsesPattern": []}, {"scale": []}])
def test_read_statement__needs_an_interaction_type(definition: dict[str, Any]) -> None:
    assert refused_path(put(("object", "definition"), definition)) == "object.definition.interactionType"


@pytest.mark.parametrize("path", [path for path in nodes(STATEMENT_V2) if path and "extensions" not in path[:-1]])
def test_read_statement__null(path: Path) -> None:
    assert refused_path(put(path, None, STATEMENT_V2), Version.V2) is not None


def test_read_statement__kind_with_objecttype_escaped() -> None:
    escaped = text(small(object=AGENT)).replace(b'"Agent"', rb'"\u0041gent"')
    assert isinstance(read(escaped).object, Agent)


def test_read_statement__void() -> None:
    statement = read(small(verb={"id": VOIDED}, object=REFERENCE))
    assert statement.voids == REFERENCE["id"]
    assert statement.refers_to == REFERENCE["id"]


def test_read_statement__reference_voids_nothing() -> None:
    statement = read(small(object=REFERENCE))
    assert statement.object == StatementRef(REFERENCE["id"])
    assert statement.voids is None
    assert statement.refers_to == REFERENCE["id"]


SUB_REFUSED: list[tuple[Path, Any, str]] = [
    (("id",), UUIDS[3], "object.id"),
    (("stored",), STATEMENT["stored"], "object.stored"),
    (("version",), "1.0.0", "object.version"),
    (("authority",), AGENT, "object.authority"),
    (("object",), SUB_STATEMENT, "object.object.objectType"),
    (("object",), ACCOUNT, "object.object.account"),
    (("object",), AGENT, "object.context.revision"),
    (("verb", "id"), VOIDED, "object.object.objectType"),
    (("actor", "mbox"), "x", "object.actor.mbox"),
    (("timestamp",), "x", "object.timestamp"),
    (("context", "team"), AGENT, "object.context.team.objectType"),
]


@pytest.mark.parametrize(("path", "value", "named"), SUB_REFUSED)
def test_read_statement__sub_statement_refused(path: Path, value: Any, named: str) -> None:
    assert refused_path(put(("object", *path), value, ABOUT_SUB_STATEMENT)) == named


@pytest.mark.parametrize("name", ["actor", "verb", "object"])
def test_read_statement__sub_statement_missing(name: str) -> None:
    assert refused_path(without(("object", name), ABOUT_SUB_STATEMENT)) == f"object.{name}"


def test_read_statement__context_of_a_sub_statement_does_not_count_outside() -> None:
    assert refused_path(put(("context",), {"platform": "LMS"}, ABOUT_SUB_STATEMENT)) == "context.platform"


V2_REFUSED: list[tuple[Path, Any, str]] = [
    (("context", "contextAgents"), CONTEXT_AGENT, "context.contextAgents"),
    (("context", "contextAgents", 0, "objectType"), "contextGroup", "context.contextAgents[0].objectType"),
    (("context", "contextAgents", 0, "agent"), {"key": 1}, "context.contextAgents[0].agent.key"),
    (("context", "contextAgents", 0, "agent"), GROUP, "context.contextAgents[0].agent.objectType"),
    (("context", "contextAgents", 0, "relevantTypes"), [], "context.contextAgents[0].relevantTypes"),
    (("context", "contextAgents", 0, "relevantTypes"), ["x"], "context.contextAgents[0].relevantTypes[0]"),
    (("context", "contextAgents", 0, "extra"), 1, "context.contextAgents[0].extra"),
    (("context", "contextAgents", 0), {"objectType": "contextAgent"}, "context.contextAgents[0].agent"),
    (("context", "contextAgents", 0), {"agent": AGENT}, "context.contextAgents[0].objectType"),
    (("context", "contextGroups", 0, "group"), AGENT, "context.contextGroups[0].group.objectType"),
    (("context", "contextGroups", 0, "relevantTypes"), [], "context.contextGroups[0].relevantTypes"),
    (("version",), "2.1.0", "version"),
    (("timestamp",), "2026-03-01T09:30:00", "timestamp"),
]


@pytest.mark.parametrize(("path", "value", "named"), V2_REFUSED)
def test_read_statement__v2_refused(path: Path, value: Any, named: str) -> None:
    assert refused_path(put(path, value, STATEMENT_V2), Version.V2) == named
