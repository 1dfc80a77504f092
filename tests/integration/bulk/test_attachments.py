"""A file of JSON brings no data of attachments: what it names must be there already."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from tests.harness import signing
from tests.harness.attachments import data_part, describe, send, statements_part
from tests.harness.bulk import School, Write, as_lines, make_key, rejects
from tests.harness.command import Command
from tests.harness.database import Database
from tests.harness.running_lrs import RunningLrs, running
from tests.harness.statements import make_statement

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
DATA = b"an essay"


@pytest.fixture
def lrs(database: Database, server: Settings, tmp_path: Path) -> Iterator[RunningLrs]:
    with running(database, server, tmp_path) as lrs:
        yield lrs


def signed(statement: dict[str, Any], jws: bytes) -> dict[str, Any]:
    return {**statement, "attachments": [describe(jws, "application/octet-stream", usageType=SIGNATURE)]}


def test_attachments__only_what_the_tenant_has(lrs: RunningLrs, lyceum: Command, write: Write) -> None:
    ours, theirs = lrs.school(), lrs.school()
    part = make_statement(object={
        "objectType": "SubStatement", "actor": {"mbox": "mailto:bob@school.example"},
        "verb": {"id": "https://x.example/did"}, "object": {"id": "https://x.example/a"},
        "attachments": [describe(b"nobody sent this")],
    })  # fmt: skip
    known = make_statement(attachments=[describe(DATA)])
    by_address = make_statement(attachments=[describe(b"elsewhere", fileUrl="https://x.example/file")])
    unknown = make_statement(attachments=[describe(DATA), describe(b"nobody sent this")])
    path = write("s", as_lines([known, by_address, unknown, part]))
    brought = make_statement(attachments=[describe(DATA)])
    assert send(ours.client, [statements_part(brought), data_part(DATA)]).status_code == 200
    key = make_key(lrs.lrs.database, ours.tenant.slug)
    assert School(ours.tenant, key, lrs.lrs.database, lyceum).counts(path) == (2, 0, 2)
    found = rejects(path.with_name("s.rejects.ndjson"))
    assert [(one["id"], one["reason"], one["path"]) for one in found] == [
        (unknown["id"], "missing_data", "attachments[1]"),
        (part["id"], "missing_data", "object.attachments[0]"),
    ]
    key = make_key(lrs.lrs.database, theirs.tenant.slug)
    assert School(theirs.tenant, key, lrs.lrs.database, lyceum).counts(path) == (1, 0, 3), "another tenant's data"


def test_attachments__signatures_are_checked(lrs: RunningLrs, lyceum: Command, write: Write) -> None:
    school = lrs.school()
    statement = make_statement()
    jws = signing.sign(statement)
    other = make_statement()
    assert send(
        school.client, [statements_part(signed(statement, jws)), data_part(jws, "application/octet-stream")]
    ).status_code == 200  # fmt: skip
    lacking = signed(make_statement(), b"a.b.c")
    path = write("s", as_lines([signed(statement, jws), signed({**statement, "id": other["id"]}, jws), lacking]))
    imported = School(school.tenant, make_key(lrs.lrs.database, school.tenant.slug), lrs.lrs.database, lyceum)
    objects = f"file://{lrs.folder}"
    assert imported.counts(path, LYCEUM_LRS_ATTACHMENTS=objects) == (0, 1, 2)
    found = rejects(path.with_name("s.rejects.ndjson"))
    assert [(one["reason"], one["path"]) for one in found] == [
        ("invalid_statement", "attachments[0].payload"),
        ("missing_data", "attachments[0]"),
    ]
    assert imported.counts(path, LYCEUM_LRS_ATTACHMENTS=f"file://{lrs.folder}-elsewhere") == (0, 0, 3)
    found = rejects(path.with_name("s.rejects.ndjson"))
    assert [one["reason"] for one in found] == ["missing_data"] * 3
