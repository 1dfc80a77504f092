"""Statements of another store, with the time and the authority that they had there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness.bulk import School, Write, as_lines, make_school, rejects
from tests.harness.command import Command
from tests.harness.database import Database
from tests.harness.statements import make_statement

THEIRS = {"objectType": "Agent", "mbox": "mailto:old-lrs@school.example"}


def stored(moment: str, **changes: Any) -> dict[str, Any]:
    return make_statement(stored=moment, **changes)


@pytest.mark.both_databases
def test_keep_stored__is_when_it_was_stored(school: School, write: Write) -> None:
    moments = ["2019-02-03T04:05:06.789Z", "2026-03-01T00:00:00.000Z", "2023-12-31T23:59:59.999Z"]
    statements = [stored(moment, timestamp=None) for moment in moments]
    precise = stored("2024-05-06T07:08:09.123999+02:00")
    path = write("s", as_lines([*statements, precise]))
    assert school.counts(path, "--keep-stored") == (4, 0, 0)
    found = school.exports("--ascending")
    assert [one["stored"] for one in found] == [
        "2019-02-03T04:05:06.789Z", "2023-12-31T23:59:59.999Z", "2024-05-06T05:08:09.123Z", "2026-03-01T00:00:00.000Z",
    ]  # fmt: skip
    assert found[0]["timestamp"] == found[0]["stored"]
    assert [one["authority"]["account"]["name"] for one in found] == [school.key] * 4
    assert [one["id"] for one in school.exports("--until", "2020-01-01T00:00:00Z")] == [statements[0]["id"]]
    assert school.counts(path, "--keep-stored") == (0, 4, 0)
    times = school.rows("select date_trunc('milliseconds', stored) = stored from xapi.statements where tenant_id = %s")
    assert times == [(True,)] * 4


@pytest.mark.both_databases
def test_keep_stored__each_month_lies_apart(school: School, write: Write) -> None:
    path = write("s", as_lines([stored("2019-02-03T04:05:06Z"), stored("2021-07-01T00:00:00Z")]))
    assert school.counts(path, "--keep-stored") == (2, 0, 0)
    found = [
        name
        for (name,) in school.rows(
            "select tableoid::regclass::text from xapi.statements where tenant_id = %s order by 1"
        )
    ]
    if school.database.edition == "postgresql":
        assert found == ["xapi.statements_2019_02", "xapi.statements_2021_07"]
        made = "select relname from pg_class where relname ~ '^statements_20[12]' and relkind = 'r' and %s > 0"
        assert ("statements_2020_01",) not in school.rows(made), "none for the months in between"
    else:
        assert len({name for name in found if "hyper" in name}) == 2


@pytest.mark.both_databases
def test_keep_stored__nobody_waits_long_for_a_partition(school: School, write: Write) -> None:
    path = write("s", as_lines([stored("2019-02-03T04:05:06Z")]))
    with school.database.admin() as reader:
        reader.execute("select count(*) from xapi.statements")
        assert school.counts(path, "--keep-stored") == (1, 0, 0)
    if school.database.edition == "postgresql":
        found = school.rows("select tableoid::regclass::text from xapi.statements where tenant_id = %s")
        assert found == [("xapi.statements_default",)]
    assert len(school.exports("--until", "2019-03-01T00:00:00Z")) == 1


def test_keep_stored__what_cannot_be_kept(school: School, write: Write) -> None:
    now = datetime.now(UTC)
    soon, ahead = (now + timedelta(minutes=4)).isoformat(), (now + timedelta(minutes=6)).isoformat()
    statements = [make_statement(), stored(ahead), stored("2009-12-31T23:59:59Z"), stored(soon), stored("late")]
    path = write("s", as_lines(statements))
    assert school.counts(path, "--keep-stored") == (1, 0, 4)
    found = rejects(path.with_name("s.rejects.ndjson"))
    assert [one["reason"] for one in found] == ["no_stored", "stored_ahead", "stored_too_early", "invalid_statement"]
    assert {one["path"] for one in found} == {"stored"}
    assert school.stored_ids() == {statements[3]["id"]}
    assert school.counts(path) == (3, 1, 1), "without the option, it does not matter"


@pytest.mark.both_databases
def test_keep_authority__stays_and_can_be_asked_for(school: School, write: Write) -> None:
    kept, set_anew = make_statement(authority=THEIRS), make_statement()
    path = write("s", as_lines([kept, set_anew]))
    assert school.counts(path, "--keep-authority") == (2, 0, 0)
    found = {one["id"]: one["authority"] for one in school.exports()}
    assert found[kept["id"]] == THEIRS
    assert found[set_anew["id"]]["account"]["name"] == school.key
    related = school.exports("--agent", '{"mbox": "mailto:old-lrs@school.example"}', "--related-agents")
    assert [one["id"] for one in related] == [kept["id"]]


def test_keep__definitions_are_those_of_the_time(school: School, write: Write) -> None:
    def about(name: str, moment: str) -> dict[str, Any]:
        return stored(moment, object={"id": "https://lms.example/l", "definition": {"name": {"en": name}}})

    newer = write("newer", as_lines([about("New", "2025-01-01T00:00:00Z")]))
    older = write("older", as_lines([about("Old", "2024-01-01T00:00:00Z")]))
    assert school.counts(newer, "--keep-stored") == school.counts(older, "--keep-stored") == (1, 0, 0)
    names = [one["object"]["definition"]["name"] for one in school.exports("--format", "canonical")]
    assert names == [{"en": "New"}, {"en": "New"}]


@pytest.mark.both_databases
def test_round_trip__export_import_export(database: Database, lyceum: Command, write: Write) -> None:
    first = make_school(database, lyceum, "first")
    second = make_school(database, lyceum, "second")
    plain = make_statement(context={"contextActivities": {"parent": {"id": "https://lms.example/courses/1"}}})
    bob = {"objectType": "Group", "member": [{"mbox": "mailto:bob@school.example"}]}
    statements = [
        plain, make_statement(id=None, timestamp=None), make_statement(actor=bob, version="1.0.2"),
        make_statement(object={"objectType": "StatementRef", "id": plain["id"]}),
        make_statement(result={"score": {"raw": 1.50}, "extensions": {"https://x.example/e": [1e2, {"ä\n": None}]}}),
    ]  # fmt: skip
    assert first.counts(write("one", as_lines(statements[:3]))) == (3, 0, 0)
    newer = write("two", as_lines([*statements[3:], make_statement(version="2.0.0")]))
    assert first.counts(newer, "--xapi-version", "2.0.0") == (3, 0, 0)
    for options in ([], ["--array"], ["--gzip", "--ascending"]):
        exported = newer.with_name("exported")
        done = first.export(*options, "-o", str(exported))
        assert done.code == 0, done.err
        done = second.imports(exported, "--keep-stored", "--keep-authority", "--xapi-version", "any")
        assert done.code == 0, done.err
    exported_again = second.exports()
    assert exported_again == first.exports()
    assert len(exported_again) == 6
