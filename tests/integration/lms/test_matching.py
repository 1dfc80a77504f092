"""Whom and what statements are about."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.lms.aliases import Alias, keep_aliases, read_agent
from core.tenants import Pattern, Tenant, update_tenant
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from core.xapi.keys import activity_id_key, agent_key
from tests.harness.command import Command
from tests.harness.database import Database
from tests.harness.events import make_course, make_lesson, make_user
from tests.harness.statements import NOW, make_envelope, make_statement
from tests.integration.lms.tables import tell

pytestmark = pytest.mark.both_databases

HOME = "https://lms.example"
ACCOUNT = {"account": {"homePage": HOME, "name": "7"}}


@pytest.fixture
def school(database: Database) -> Tenant:
    database.tenant("school")
    with database.admin() as connection:
        patterns = [
            Pattern("lesson", "external_id", "^https://h5p.example/(?<key>[0-9]+)$"),
            Pattern("course", "slug", "^https://lms.example/c/(?<key>[^/]+)"),
        ]
        return update_tenant(connection, "school", {}, [HOME], patterns)


def state(database: Database, tenant: Tenant, *statements: dict[str, Any]) -> None:
    with database.service("ingest") as connection:
        prepare_staging(connection)
        row = connection.execute("select ingest.open_batch('statements', %s)", [[tenant.tenant_id]]).fetchone()
        assert row is not None
        write(connection, "xapi", row[0], [(make_envelope(tenant.tenant_id, *statements), NOW)], Vocabulary())


def who(database: Database, tenant: Tenant, agent: dict[str, Any]) -> Any:
    state(database, tenant, make_statement(actor=agent))

    key = agent_key(tenant.tenant_id, read_agent(json.dumps(agent))).hex()
    with database.service("transform") as connection:
        return connection.execute(
            "select user_id, matched_by, is_ambiguous from lms.learners where tenant_id = %s and agent_key = %s",
            [tenant.tenant_id, key],
        ).fetchone()


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


PEOPLE = [
    make_user("ada", externalId="7", email="Ada@School.example"),
    make_user("7", email="seven@school.example"),
    make_user("twin1", email="twin@school.example"),
    make_user("twin2", email="Twin@school.example"),
]


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (ACCOUNT, ("ada", "account", False)),
        ({"account": {"homePage": HOME, "name": "twin1"}}, ("twin1", "account", False)),
        ({"account": {"homePage": "https://other.example", "name": "7"}}, None),
        ({"mbox": "mailto:ADA@school.example"}, ("ada", "mbox", False)),
        ({"mbox": "mailto:twin@school.example"}, (None, "mbox", True)),
        ({"mbox": "mailto:nobody@school.example"}, None),
        ({"mbox_sha1sum": sha1("mailto:Ada@School.example")}, ("ada", "mbox_sha1sum", False)),
        ({"mbox_sha1sum": sha1("mailto:ada@school.example").upper()}, ("ada", "mbox_sha1sum", False)),
        ({"mbox_sha1sum": sha1("ada@school.example")}, None),
        ({"openid": "https://id.example/ada"}, None),
        ({"objectType": "Group", "mbox": "mailto:ada@school.example"}, None),
    ],
)
def test_learner__by_the_first_rule_that_knows_anybody(
    database: Database, school: Tenant, agent: dict[str, Any], expected: Any
) -> None:
    tell(database, school.tenant_id, *PEOPLE)
    assert who(database, school, agent) == expected


def test_learner__an_alias_goes_before_all_until_it_is_taken_back(database: Database, school: Tenant) -> None:
    tell(database, school.tenant_id, *PEOPLE)
    agent = '{"account": {"homePage": "https://lms.example", "name": "7"}}'
    with database.admin() as connection:
        assert keep_aliases(connection, school, "learner", [Alias(agent, "twin2")]) == 1
        assert keep_aliases(connection, school, "learner", [Alias(agent, "twin2")]) == 0
    assert who(database, school, ACCOUNT) == ("twin2", "alias", False)
    with database.admin() as connection:
        keep_aliases(connection, school, "learner", [Alias(agent, "-")])
    assert who(database, school, ACCOUNT) == ("ada", "account", False)
    with database.admin() as connection:
        acts = connection.execute("select detail ->> 'to' from control.audit where action = 'map.learner' order by 1")
        assert acts.fetchall() == [("twin2",), (None,)]
        batches = connection.execute(
            "select source from ingest.batches inner join lms.learner_aliases using (batch_id)"
        )
        assert batches.fetchall() == [("settings",)]


COURSE = make_course(
    slug="algebra", activityIri="https://lms.example/algebra", assessments=("test",),
    lessons=(make_lesson("sets", externalId="12", activityIri="https://lms.example/sets"),
             make_lesson("rings", activityIri="https://lms.example/c/algebra")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://lms.example/sets", [(1, "algebra", "sets", None)]),
        ("https://h5p.example/12", [(1, "algebra", "sets", None)]),
        ("https://h5p.example/13", []),
        ("https://lms.example/algebra", [(3, "algebra", None, None)]),
        ("https://lms.example/c/algebra/forum", [(3, "algebra", None, None)]),
        # Both the lesson's own and a course's by its pattern: marts take the lower rank.
        ("https://lms.example/c/algebra", [(1, "algebra", "rings", None), (3, "algebra", None, None)]),
    ],
)
def test_activity__by_its_iri_or_a_pattern(database: Database, school: Tenant, iri: str, expected: Any) -> None:
    tell(database, school.tenant_id, COURSE)
    state(database, school, make_statement(object={"id": iri}))
    assert what(database, school, iri) == expected


def what(database: Database, tenant: Tenant, iri: str) -> Any:
    with database.service("transform") as connection:
        return connection.execute(
            "select rank, course_id, lesson_id, assessment_id from lms.activity_candidates "
            "where tenant_id = %s and activity_key = %s order by 1",
            [tenant.tenant_id, activity_id_key(tenant.tenant_id, iri).hex()],
        ).fetchall()


def test_activity__an_alias_goes_before_all(database: Database, school: Tenant) -> None:
    tell(database, school.tenant_id, COURSE)
    with database.admin() as connection:
        keep_aliases(connection, school, "activity", [Alias("https://lms.example/sets", "assessment:test")])
    assert what(database, school, "https://lms.example/sets") == [(2, "algebra", None, "test")]


def test_periods__when_a_lesson_was_required(database: Database, school: Tenant) -> None:
    optional = make_lesson("sets", required=False)
    tell(
        database, school.tenant_id, make_course(minute=1), make_course(minute=2, lessons=(optional, "rings")),
        make_course(minute=3, lessons=("rings",)), make_course("botany", 4, lessons=("sets",)),
        make_course(minute=5, lessons=("rings",)),
    )  # fmt: skip
    with database.service("transform") as connection:
        rows = connection.execute(
            "select content_id, course_id, required, "
            "case when isfinite(starts_at) then extract(minute from starts_at)::int end, "
            "case when isfinite(ends_at) then extract(minute from ends_at)::int end "
            "from lms.content_periods order by content_id, starts_at"
        ).fetchall()
    assert rows == [
        ("rings", "algebra", True, 2, 3), ("rings", "algebra", True, 3, 5), ("rings", "algebra", True, 5, None),
        ("sets", "algebra", True, None, 2), ("sets", "algebra", False, 2, 3), ("sets", "botany", True, 4, None),
    ]  # fmt: skip


def test_unmapped__listed_by_frequency_and_mended(
    database: Database, school: Tenant, lyceum: Command, tmp_path: Path
) -> None:
    tell(database, school.tenant_id, *PEOPLE, COURSE)
    stray = make_statement(object={"id": "https://x.example/stray"}, actor={"mbox": "mailto:new@x.example"})
    placed = make_statement(
        object={"id": "https://x.example/inside"}, actor={"mbox": "mailto:ada@school.example"},
        context={"contextActivities": {"grouping": [{"id": "https://lms.example/algebra"}]}},
    )  # fmt: skip
    rare = make_statement(object={"id": "https://x.example/rare"}, actor={"mbox": "mailto:twin@school.example"})
    state(database, school, stray, make_statement(object=stray["object"], actor=stray["actor"]), placed, rare)
    show = ("unmapped", "list", "--tenant", "school", "--days", "36500", "--json")
    activities = lyceum(*show).json
    assert [(one["named"], one["statements"]) for one in activities] == [
        ("https://x.example/stray", 2), ("https://x.example/rare", 1),
    ]  # fmt: skip
    assert activities[1]["example"] == rare["id"]
    learners = lyceum(*show, "--kind", "learner").json
    assert [(one["statements"], one["note"]) for one in learners] == [(2, None), (1, "ambiguous")]
    (verb,) = lyceum(*show, "--kind", "verb").json
    (tmp_path / "map.csv").write_text("https://x.example/stray,lesson:sets\nhttps://x.example/rare,course:algebra\n")
    commands = (
        ("activity", "--csv", str(tmp_path / "map.csv")),
        ("learner", learners[0]["named"], "ada"),
        ("learner", learners[1]["named"], "twin1"),
        ("verb", verb["named"], "completed"),
    )
    for command in commands:
        done = lyceum("map", *command, "--tenant", "school")
        assert done.code == 0, done.err
    assert [lyceum(*show, "--kind", kind).json for kind in ("activity", "learner", "verb")] == [[], [], []]


@pytest.mark.parametrize(
    ("kind", "alias", "told"),
    [
        ("learner", Alias("mailto:x@x.example", "nobody"), "has no 'nobody'"),
        ("learner", Alias("x", "ada"), "no agent"),
        ("activity", Alias("https://x.example", "sets"), "does not say what it names"),
        ("activity", Alias("https://x.example", "lesson:nothing"), "has no 'lesson:nothing'"),
        ("activity", Alias("no iri", "lesson:sets"), "no IRI"),
        ("verb", Alias("https://x.example", "won"), "no kind of verb"),
    ],
)
def test_map__a_mistake_is_told_and_nothing_is_mapped(
    database: Database, school: Tenant, kind: str, alias: Alias, told: str
) -> None:
    good = {"learner": "mailto:ada@home.example", "activity": "https://x.example/a", "verb": "https://x.example/v"}
    to = {"learner": "ada", "activity": "lesson:sets", "verb": "completed"}
    tell(database, school.tenant_id, *PEOPLE, COURSE)
    with database.admin() as connection:
        with pytest.raises(UserError, match=told):
            keep_aliases(connection, school, kind, [Alias(good[kind], to[kind]), alias])
        assert connection.execute("select count(*) from control.audit where action like 'map.%'").fetchone() == (0,)


def test_map_command__needs_both_or_a_file(school: Tenant, lyceum: Command, tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("https://x.example\n")
    command = ("map", "verb", "--tenant", "school")
    assert "What is to be mapped" in lyceum(*command, "https://x.example").err
    assert "row 1 does not have two columns" in lyceum(*command, "--csv", str(tmp_path / "map.csv")).err
