from core.xapi.agents import actor
from core.xapi.keys import activity_id_key, agent_key, verb_id_key
from core.xapi.records import derive
from core.xapi.sameness import digest
from core.xapi.verbs import VOIDED
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import (
    ABOUT_SUB_STATEMENT,
    ACCOUNT,
    AGENT,
    ANONYMOUS,
    DEFINITION,
    EX,
    GROUP,
    REFERENCE,
    SHA2,
    STATEMENT,
    STATEMENT_V2,
    SUB_STATEMENT,
    UUIDS,
    read,
    small,
    text,
)

TENANT = 7
ANA = agent_key(TENANT, actor(text(AGENT)))
ANA_AT_EX = agent_key(TENANT, actor(text(ACCOUNT)))
TEAM = agent_key(TENANT, actor(text(GROUP)))
BOOK = actor(b'{"mbox":"mailto:author@example.org"}')


def activity(name: str) -> bytes:
    return activity_id_key(TENANT, f"{EX}/{name}")


def test_derive__keys() -> None:
    statement = read(STATEMENT)
    record = derive(statement, TENANT)
    assert record.id == UUIDS[0]
    assert record.digest == digest(statement)
    assert record.actor_key == ANA
    assert record.verb_key == verb_id_key(TENANT, f"{EX}/did")
    assert record.object_kind == "Activity"
    assert record.object_key == activity("unit")
    assert record.registration == UUIDS[2]
    assert record.timestamp == statement.timestamp
    assert record.attachment_hashes == [SHA2]
    assert record.voids is None
    assert list(record.verbs) == [record.verb_key]


def test_derive__agents_by_role() -> None:
    found = derive(read(STATEMENT_V2, Version.V2), TENANT, BOOK).agents
    assert {(use.role, use.key, use.is_member) for use in found} == {
        ("actor", ANA, False),
        ("instructor", ANA, False),
        ("team", TEAM, False),
        ("team", ANA, True),
        ("team", ANA_AT_EX, True),
        ("contextAgents", ANA, False),
        ("contextGroups", TEAM, False),
        ("contextGroups", ANA, True),
        ("contextGroups", ANA_AT_EX, True),
        ("authority", agent_key(TENANT, BOOK), False),
    }


def test_derive__authority_in_the_statement_does_not_count() -> None:
    record = derive(read(small(actor=AGENT, authority=ACCOUNT)), TENANT)
    assert record.related_agent_keys == {ANA}


def test_derive__members_count_as_actor_and_object() -> None:
    record = derive(read(small(actor=ANONYMOUS, object=GROUP)), TENANT)
    assert {ANA, ANA_AT_EX, TEAM} < record.direct_agent_keys
    assert record.object_key == TEAM
    assert record.object_kind == "Group"
    assert set(record.identified_agents) == {ANA, ANA_AT_EX, TEAM}


def test_derive__instructor_is_related_only() -> None:
    record = derive(read(small(context={"instructor": AGENT})), TENANT)
    assert record.direct_agent_keys == {ANA_AT_EX}
    assert record.related_agent_keys == {ANA, ANA_AT_EX}


def test_derive__activities_by_role() -> None:
    found = derive(read(STATEMENT), TENANT).activities
    assert [(use.role, use.key) for use in found] == [
        ("object", activity("unit")),
        ("parent", activity("course")),
        ("grouping", activity("programme")),
        ("category", activity("profile")),
        ("other", activity("book")),
    ]


def test_derive__definitions() -> None:
    ((use, definition),) = derive(read(STATEMENT), TENANT).definitions
    assert use.activity.id == f"{EX}/unit"
    assert definition == text(DEFINITION)


def test_derive__sub_statement() -> None:
    sub = {**SUB_STATEMENT, "actor": ACCOUNT, "verb": {"id": f"{EX}/planned"}}
    record = derive(read({**ABOUT_SUB_STATEMENT, "object": sub}), TENANT)
    assert record.object_kind == "SubStatement"
    assert record.object_key is None
    assert record.registration is None
    assert record.direct_agent_keys == {ANA}
    assert record.related_agent_keys == {ANA, ANA_AT_EX, TEAM}
    assert {use.role for use in record.agents} == {"actor", "object.actor", "object.instructor", "object.team"}
    assert {use.role for use in record.activities} == {
        "object.object",
        "object.parent",
        "object.grouping",
        "object.category",
        "object.other",
    }
    assert set(record.verbs) == {verb_id_key(TENANT, f"{EX}/did"), verb_id_key(TENANT, f"{EX}/planned")}
    assert record.attachment_hashes == [SHA2, SHA2]


def test_derive__references() -> None:
    record = derive(read(small(object=REFERENCE)), TENANT)
    assert (record.refers_to, record.voids, record.object_kind) == (REFERENCE["id"], None, "StatementRef")
    assert derive(read(small(object=REFERENCE, verb={"id": VOIDED})), TENANT).voids == REFERENCE["id"]
    in_sub_statement = {"objectType": "SubStatement", **small(object=REFERENCE)}
    assert derive(read(small(object=in_sub_statement)), TENANT).refers_to is None


def test_canonical_text__name_and_identifier() -> None:
    assert actor(text(GROUP)).canonical_text == text({"name": "Team", "objectType": "Group", "openid": f"{EX}/team"})
