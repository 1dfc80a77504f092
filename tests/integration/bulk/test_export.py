"""`lyceum statements export`: what GET answers, all of it, and written whole or not at all."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import pytest

from core.settings import Settings
from local.ports import find_free
from tests.harness.bulk import School, make_school
from tests.harness.command import Command
from tests.harness.database import Database, cloned
from tests.harness.lrs import Lrs, running_lrs, wait_consistent
from tests.harness.statements import make_statement, make_void

ADA, BOB = '{"mbox":"mailto:ada@school.example"}', '{"mbox":"mailto:bob@school.example"}'
REGISTRATION = str(uuid4())
COURSE = "https://lms.example/courses/1"
# Pages of a few, so that an export takes several.
PAGE = "3"


@pytest.fixture(scope="module")
def database(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        yield database


@pytest.fixture(scope="module")
def lyceum(server: Settings, database: Database) -> Command:
    return Command(server, database.settings)


@pytest.fixture(scope="module")
def school(database: Database, lyceum: Command) -> School:
    return make_school(database, lyceum)


@pytest.fixture(scope="module")
def lrs(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lrs]:
    log = tmp_path_factory.mktemp("lrs") / "lrs.log"
    with running_lrs(server, database, find_free(set()), log, LYCEUM_LRS_MAX_LIMIT=PAGE) as lrs:
        yield lrs


@pytest.fixture(scope="module")
def client(lrs: Lrs, school: School) -> Iterator[httpx.Client]:
    with lrs.client(school.tenant) as client:
        for statement in sent():
            assert client.post("/statements", json=statement).status_code == 200
        newest = client.get("/statements", params={"limit": "1"}).json()["statements"][0]["stored"]
        wait_consistent(client, newest)
        yield client


def sent() -> list[dict[str, Any]]:
    named = {"id": "https://lms.example/lessons/1", "definition": {"name": {"en": "One", "de": "Eins"}}}
    within = {"registration": REGISTRATION, "contextActivities": {"parent": {"id": COURSE}}}
    voided, commented = make_statement(), make_statement(context=within)
    return [
        voided, commented, make_void(voided["id"]),
        make_statement(object={"objectType": "StatementRef", "id": commented["id"]}),
        *(make_statement(object=named) for _ in range(4)),
        *(make_statement(actor=json.loads(BOB), context=within) for _ in range(4)),
        make_statement(context={"instructor": json.loads(BOB)}), make_statement(verb={"id": "https://x.example/did"}),
    ]  # fmt: skip


def all_pages(client: httpx.Client, **parameters: str) -> list[dict[str, Any]]:
    answer = client.get("/statements", params=parameters).json()
    found: list[dict[str, Any]] = answer["statements"]
    while answer["more"]:
        cursor = dict(parse_qsl(answer["more"].partition("?")[2]))
        answer = client.get("/statements", params=cursor).json()
        found += answer["statements"]
    return found


def option(name: str, value: str) -> list[str]:
    flag = "--" + "".join(f"-{char.lower()}" if char.isupper() else char for char in name).replace("_", "-")
    return [flag] if value == "true" else [flag, value]


@pytest.mark.parametrize(
    ("parameters", "least"),
    [
        ({}, 13),
        ({"ascending": "true"}, 13),
        ({"agent": BOB}, 4),
        ({"agent": BOB, "related_agents": "true"}, 5),
        ({"verb": "https://x.example/did"}, 1),
        ({"verb": "https://x.example/nobody"}, 0),
        ({"activity": COURSE, "related_activities": "true"}, 5),
        ({"activity": "https://lms.example/lessons/1", "agent": ADA, "ascending": "true"}, 5),
        ({"registration": REGISTRATION}, 6),
        ({"format": "ids"}, 13),
        ({"format": "canonical"}, 13),
    ],
)
def test_export__the_statements_that_get_answers(
    school: School, client: httpx.Client, parameters: dict[str, str], least: int
) -> None:
    options = [part for name, value in parameters.items() for part in option(name, value)]
    done = school.export(*options, LYCEUM_LRS_MAX_LIMIT=PAGE)
    found = [json.loads(line) for line in done.out.splitlines()]
    assert (done.code, found) == (0, all_pages(client, **parameters)), done.err
    assert len(found) >= least
    assert f"{len(found)} statement" in done.err


def test_export__since_and_until(school: School, client: httpx.Client) -> None:
    moments = [one["stored"] for one in all_pages(client, ascending="true")]
    options = ["--since", moments[2], "--until", moments[8], "--ascending"]
    found = school.exports(*options)
    assert found == all_pages(client, since=moments[2], until=moments[8], ascending="true")
    assert 0 < len(found) < 9


@pytest.mark.parametrize("name", ["statementId", "voidedStatementId"])
def test_export__one_statement(school: School, client: httpx.Client, name: str) -> None:
    statements = all_pages(client)
    void = next(one for one in statements if one["verb"]["id"].endswith("/voided"))
    wanted, other = (void["id"], void["object"]["id"]) if name == "statementId" else (void["object"]["id"], void["id"])
    (found,) = school.exports(*option(name, wanted))
    assert found == client.get("/statements", params={name: wanted}).json()
    done = school.export(*option(name, other))
    assert (done.code, done.out) == (1, "")
    assert "There is no such" in done.err


@pytest.mark.parametrize("limit", [1, 3, 4, 100])
def test_export__at_most_so_many(school: School, client: httpx.Client, limit: int) -> None:
    done = school.export("--limit", str(limit), LYCEUM_LRS_MAX_LIMIT=PAGE)
    assert [json.loads(line) for line in done.out.splitlines()] == all_pages(client)[:limit]


def test_export__array_and_gzip(school: School, client: httpx.Client, tmp_path: Path) -> None:
    every = all_pages(client)
    assert json.loads(school.export("--array").out) == every
    assert school.export("--array", "--verb", "x:nobody").out == "[]\n"
    for options in ([], ["--array"]):
        path = tmp_path / "packed"
        assert school.export(*options, "--gzip", "-o", str(path)).code == 0
        content = gzip.decompress(path.read_bytes())
        found = json.loads(content) if options else [json.loads(line) for line in content.splitlines()]
        assert found == every
    assert list(tmp_path.iterdir()) == [path]


def test_export__a_file_is_there_only_when_it_is_whole(school: School, client: httpx.Client, tmp_path: Path) -> None:
    path = tmp_path / "exported"
    path.write_text("before")
    assert school.export("-o", str(path), "--statement-id", str(uuid4())).code == 1
    assert (path.read_text(), list(tmp_path.iterdir())) == ("before", [path])
    assert school.export("-o", str(path)).code == 0
    assert path.read_bytes().count(b"\n") == len(all_pages(client))


def test_export__ascending_ends_where_it_is_consistent(school: School, client: httpx.Client) -> None:
    before = all_pages(client, ascending="true")
    with school.database.service("lrs") as writer:
        writer.execute("select ingest.begin_write_through(%s)", [school.tenant.tenant_id])
        later = client.post("/statements", json=make_statement()).json()[0]
        assert later in {one["id"] for one in school.exports()}
        done = school.export("--ascending")
        assert [json.loads(line) for line in done.out.splitlines()] == before
    through = done.err.partition("Consistent through ")[2].rstrip(".\n")
    wait_consistent(client, client.get("/statements", params={"limit": "1"}).json()["statements"][0]["stored"])
    assert [one["id"] for one in school.exports("--ascending", "--since", through)] == [later]


def test_export__a_reader_that_goes_away(school: School, client: httpx.Client) -> None:
    process = school.lyceum.start("statements", "export", "--tenant", "school")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 1
    assert said == ""


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--tenant", "nobody"], 1, "There is no tenant 'nobody'"),
        (["--agent", "{"], 2, "agent: found text that is not JSON"),
        (["--agent", "{}"], 2, "agent"),
        (["--verb", "completed"], 2, 'verb: found "completed"'),
        (["--since", "yesterday"], 2, 'since: found "yesterday"'),
        (["--registration", "7"], 2, 'registration: found "7"'),
        (["--statement-id", "7"], 2, 'statementId: found "7"'),
        (["--statement-id", REGISTRATION, "--verb", "x:y"], 2, "verb: not known here"),
        (["--statement-id", REGISTRATION, "--voided-statement-id", REGISTRATION], 2, "give one of them"),
        (["--limit", "0"], 2, "'--limit'"),
        (["--format", "xml"], 2, "'xml' is not one of"),
        (["-o", "/nowhere/file"], 1, "/nowhere/file cannot be written"),
    ],
)
def test_export__mistakes(school: School, options: list[str], code: int, said: str) -> None:
    done = school.export(*options, COLUMNS="200")
    assert (done.code, done.out) == (code, ""), done.err
    assert said in done.err
    assert "Traceback" not in done.err


def test_export__is_recorded_without_whom_it_was_about(school: School, client: httpx.Client) -> None:
    school.exports("--agent", ADA, "--ascending")
    query = "select detail from control.audit where tenant_id = %s and action = 'statements.export'"
    last = school.rows(f"{query} order by audit_id desc limit 1")
    assert last == [({"filters": ["agent", "ascending"]},)]


def test_export__no_database(school: School) -> None:
    address = "postgresql://lyceum:secret@127.0.0.1:1/none"
    done = school.export(LYCEUM_DATABASE_URL=address)
    assert done.code == 4
    assert "127.0.0.1:1/none cannot be reached" in done.err
    assert "secret" not in done.err
