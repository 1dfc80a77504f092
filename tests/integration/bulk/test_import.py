"""`lyceum statements import`: what is in the file is stored as if it had come through the door."""

import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.tenants import set_tenant_active
from lrs.bulk.judging import make_id
from tests.harness.bulk import School, Write, as_array, as_lines, make_key, make_school, rejects
from tests.harness.command import Command
from tests.harness.database import Database
from tests.harness.statements import make_statement, make_void

FORMS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "lines": as_lines,
    "lines with CRLF and a byte order mark": lambda all_: b"\xef\xbb\xbf" + as_lines(all_).replace(b"\n", b"\r\n"),
    "array": as_array,
    "pretty array": lambda all_: as_array(all_, indent=4),
    "packed lines": lambda all_: gzip.compress(as_lines(all_)),
    "packed array": lambda all_: gzip.compress(as_array(all_, indent=2)),
}


@pytest.mark.both_databases
def test_import__as_through_the_door(school: School, write: Write) -> None:
    target = make_statement(timestamp=None, result={"extensions": {"https://x.example/e": "tab \t, ä, \\"}})
    statements = [target, make_statement(authority={"mbox": "mailto:x@x.example"}, stored="2020-01-01T00:00:00Z")]
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert school.counts(write("s.ndjson", as_lines(statements))) == (2, 0, 0)
    found = {statement["id"]: statement for statement in school.exports()}
    assert found.keys() == {statement["id"] for statement in statements}
    for sent in statements:
        stored = found[sent["id"]]
        assert {name: stored[name] for name in sent if name not in ("authority", "stored")} == {
            name: value for name, value in sent.items() if name not in ("authority", "stored")
        }
        assert stored["authority"]["account"]["name"] == school.key
        assert datetime.fromisoformat(stored["stored"]) >= before
        assert stored["version"] == "1.0.0"
    assert found[target["id"]]["timestamp"] == found[target["id"]]["stored"]
    assert school.counts(write("void.ndjson", as_lines([make_void(target["id"])]))) == (1, 0, 0)
    assert target["id"] not in {statement["id"] for statement in school.exports()}
    sources = "select source from ingest.batches inner join ingest.batch_tenants using (batch_id) where tenant_id = %s"
    assert school.rows(sources).count(("import",)) == 2


@pytest.mark.parametrize("form", FORMS)
def test_import__every_form_of_file(school: School, write: Write, form: str) -> None:
    statements = [make_statement() for _ in range(3)]
    path = write("statements", FORMS[form](statements))
    assert school.counts(path) == (3, 0, 0)
    assert school.stored_ids() == {statement["id"] for statement in statements}
    assert list(path.parent.iterdir()) == [path], "no checkpoint and no empty rejects file is left"


@pytest.mark.parametrize("form", ["lines", "packed array"])
def test_import__standard_input(school: School, write: Write, tmp_path: Path, form: str) -> None:
    path = write("statements", FORMS[form]([make_statement(), {}]))
    kept = tmp_path / "kept.ndjson"
    with path.open("rb") as stdin:
        process = school.lyceum.start(*school.command, "-", "--rejects", str(kept), "--json", stdin=stdin)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert json.loads(out)["rejects"] == str(kept)
    assert (len(school.stored_ids()), len(rejects(kept))) == (1, 1)


def test_import__a_pipe_by_its_name(school: School, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = school.lyceum.start(*school.command, str(pipe), "--rejects", str(tmp_path / "r"))
    with pipe.open("wb") as writer:
        writer.write(as_lines([make_statement()]))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, ""), out
    assert len(school.stored_ids()) == 1


def test_import__an_empty_file(school: School, write: Write) -> None:
    assert school.counts(write("s", b"")) == (0, 0, 0)
    assert "0 statements read" in school.imports(write("s", b"[]")).out


def test_import__again_stores_nothing_twice(school: School, write: Write) -> None:
    statements = [make_statement(), make_statement(id=None), make_statement(id=None, timestamp=None)]
    path = write("s.ndjson", as_lines([*statements, statements[1]]))
    assert school.counts(path) == (4, 0, 0), "two without an id are two, though they say the same"
    assert school.counts(path) == (0, 4, 0)
    texts = path.read_bytes().splitlines()
    made = {make_id(school.tenant.tenant_uuid, position, texts[position]) for position in (1, 2, 3)}
    assert school.stored_ids() == {statements[0]["id"], *made}
    other = make_school(school.database, school.lyceum, "other")
    assert other.counts(path) == (4, 0, 0)
    assert not made & other.stored_ids()


def test_import__conflicts_with_the_store_and_within_the_file(school: School, write: Write) -> None:
    first, second = make_statement(), make_statement()
    assert school.counts(write("first", as_lines([first]))) == (1, 0, 0)
    changed = {"object": {"id": "https://lms.example/lessons/9"}}
    path = write("s", as_lines([{**first, **changed}, second, first, second, {**second, **changed}]))
    assert school.counts(path) == (1, 2, 2)
    found = rejects(path.with_name("s.rejects.ndjson"))
    assert [(one["line"], one["position"], one["id"], one["reason"]) for one in found] == [
        (1, 0, first["id"], "conflict"),
        (5, 4, second["id"], "conflict"),
    ]
    assert json.loads(found[0]["text"]) == {**first, **changed}


def test_import__what_the_database_refuses_is_rejected_alone(school: School, write: Write) -> None:
    statements = [make_statement() for _ in range(9)]
    refused = statements[4]["id"]
    with school.database.admin() as connection:
        connection.execute(f"alter table xapi.statement_ids add constraint odd check (statement_id <> '{refused}')")
    path = write("s", as_lines(statements))
    assert school.counts(path) == (8, 0, 1)
    (found,) = rejects(path.with_name("s.rejects.ndjson"))
    assert (found["line"], found["id"], found["reason"]) == (5, refused, "refused")
    assert "odd" in found["message"]


def test_import__versions(school: School, write: Write) -> None:
    agents = [{"objectType": "contextAgent", "agent": {"mbox": "mailto:bob@school.example"}}]
    old = make_statement(version="1.0.3", timestamp="2026-06-01T10:00")
    new = make_statement(version="2.0.0", context={"contextAgents": agents})
    path, kept = write("s", as_lines([old, new])), write("s.rejects.ndjson", b"")
    assert school.counts(path) == (1, 0, 1)
    assert [one["id"] for one in rejects(kept)] == [new["id"]]
    assert school.counts(path, "--xapi-version", "2.0.0") == (1, 0, 1)
    assert [(one["id"], one["path"]) for one in rejects(kept)] == [(old["id"], "timestamp")]
    assert school.counts(path, "--xapi-version", "any") == (0, 2, 0)
    bad = write("bad", as_lines([{**new, "version": "3"}, {**old, "verb": {}}, {**new, "verb": {}}]))
    assert school.counts(bad, "--xapi-version", "any") == (0, 0, 3)
    assert [one["path"] for one in rejects(bad.with_name("bad.rejects.ndjson"))] == ["version", "verb.id", "verb.id"]


def test_import__a_bound_credential_writes_for_its_actor_only(school: School, write: Write) -> None:
    ada, registration = {"mbox": "mailto:ada@school.example"}, "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
    key = make_key(school.database, "school", bound_actor=ada, bound_registration=registration)
    within = {"registration": registration}
    path = write("s", as_lines([
        make_statement(actor=ada, context=within), make_statement(actor=ada),
        make_statement(actor={"mbox": "mailto:bob@school.example"}, context=within),
    ]))  # fmt: skip
    assert School(school.tenant, key, school.database, school.lyceum).counts(path) == (1, 0, 2)
    found = rejects(path.with_name("s.rejects.ndjson"))
    assert [one["reason"] for one in found] == ["bound_registration", "bound_actor"]


def test_import__only_by_a_credential_of_the_tenant_that_may_write(
    school: School, database: Database, lyceum: Command, write: Write
) -> None:
    path = write("s", as_lines([make_statement()]))
    other = make_school(database, lyceum, "other")
    revoked = make_key(database, "school", ("all",))
    assert lyceum("credentials", "revoke", "school", revoked).code == 0
    expired = make_key(database, "school", expires_at=datetime.now(UTC) - timedelta(days=1))
    reader = make_key(database, "school", ("all/read", "statements/read"))
    for key, said in (
        ("key-of-nobody", "school has no credential with the key 'key-of-nobody'"),
        (other.key, "school has no credential with the key"),
        (revoked, "is revoked"),
        (expired, "is expired"),
        (reader, "has not the scope statements/write, or all"),
    ):
        done = School(school.tenant, key, database, lyceum).imports(path)
        assert (done.code, said in done.err) == (1, True), done.err
        assert "lyceum credentials list school" in done.err
    with database.admin() as connection:
        set_tenant_active(connection, "school", is_active=False)
    done = school.imports(path)
    assert (done.code, "The tenant school is disabled" in done.err) == (1, True)
    assert school.stored_ids() == set()


def test_import__dry_run_stores_nothing_and_says_what_would_be(school: School, write: Write) -> None:
    path = write("s", as_lines([make_statement(), {"id": "x"}]))
    done = school.imports(path, "--dry-run")
    assert done.code == 1
    assert "2 statements read: 1 would be stored, 0 stored before, 1 rejected." in done.out
    assert len(rejects(path.with_name("s.rejects.ndjson"))) == 1
    assert school.stored_ids() == set()
    assert school.rows("select action from control.audit where tenant_id = %s and action like 'statements%%'") == []


def test_import__is_recorded(school: School, write: Write) -> None:
    school.imports(write("s", as_lines([make_statement(stored="2026-01-01T00:00:00Z")])), "--keep-stored")
    ((action, subject, detail),) = school.rows(
        "select action, subject, detail from control.audit where tenant_id = %s and action like 'statements%%'"
    )
    assert (action, subject) == ("statements.import", "school")
    assert detail == {"key_id": school.key, "options": ["1.0.3", "keep-stored"]}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("FOLDER/none.ndjson", 1, "none.ndjson cannot be read: No such file"),
        ("FOLDER", 2, "name the file for what is rejected of a stream"),
        ("-", 2, "name the file for what is rejected of a stream"),
        ("FOLDER/s --rejects FOLDER/s", 2, "it is the file that is imported"),
        ("FOLDER/s --rejects FOLDER/none/r", 1, "none/r: No such file"),
        ("FOLDER/s --xapi-version 1.0.2", 2, "'1.0.2' is not one of"),
        ("FOLDER/utf-16", 1, "The file is UTF-16"),
        ("", 2, "Missing argument"),
    ],
)
def test_import__mistakes(school: School, write: Write, arguments: str, code: int, said: str) -> None:
    write("s", as_lines([make_statement()]))
    folder = write("utf-16", "[]".encode("utf-16")).parent
    done = school.lyceum(*school.command, *arguments.replace("FOLDER", str(folder)).split(), COLUMNS="200")
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err
    assert school.stored_ids() == set()
