"""What cannot be read or stored goes aside, whole and at once; all that came with it is stored."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import pytest

from core.envelope import Envelope, seal
from core.settings import Settings
from core.tenants import Tenant
from tests.harness.counting import read_ids
from tests.harness.database import Database
from tests.harness.letters import Letter, in_table, in_topic
from tests.harness.pipeline import Pipeline, laid
from tests.harness.planted import count_attempts, plant_counter, plant_refusals
from tests.harness.statements import make_envelope, make_statement

RECORDS = 4


@pytest.fixture
def pipeline(server: Settings, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    with laid(server, database, tmp_path, partitions=1) as pipeline:
        yield pipeline


class Bad(NamedTuple):
    """A record with one thing wrong, and what becomes of it."""

    value: bytes
    reason: str
    position: int | None
    statement_id: str | None
    payload: bytes
    good: Sequence[str] = ()


def unreadable(value: bytes) -> Bad:
    return Bad(value, "unreadable", None, None, value)


def record_of(tenant: Tenant, *statements: Any) -> bytes:
    return sealed(make_envelope(tenant.tenant_id, *statements), tenant.tenant_uuid)


def sealed(envelope: Envelope, tenant: UUID) -> bytes:
    return seal(msgspec.structs.replace(envelope, credential_id=str(UUID(int=1))), tenant)


def among(position: int, bad: dict[str, Any]) -> list[dict[str, Any]]:
    statements = [make_statement() for _ in range(3)]
    return [*statements[:position], bad, *statements[position:]]


def kinds(tenant: Tenant, known: str, position: int) -> Iterator[Bad]:
    """`known` is the id of a statement that is stored."""
    good = record_of(tenant, make_statement())
    yield unreadable(b"")
    yield unreadable(b"\xff\xfe no envelope \x00")
    yield unreadable(good[: len(good) // 2])
    yield unreadable(good.replace(b'"tenant"', b'"tenants"'))
    yield unreadable(b'{"version":1,"statements":' + b"[" * 100_000)
    yield unreadable(b'{"version":1,"statements":["\\ud800"]')
    yield unreadable(good[:-1] + b',"stored":"0001-01-01T00:00:00+14:00"}')
    yield unreadable(good[:-1] + b',"stored":"2026-01-01T00:00:00"}')
    yield unreadable(good[:-1] + b',"keptStored":["9999-12-31T23:59:59-14:00"]}')
    for attached in (b'"contentType":"\\u0000","length":1', b'"contentType":"a/b","length":-1'):
        yield _with_attachment(tenant, attached)
    unknown = sealed(make_envelope(1, make_statement()), uuid4())
    yield Bad(unknown, "unknown_tenant", None, None, unknown)
    yield from (
        _in_record(tenant, position, "invalid", text)
        for text in (
            b'{"id":"no uuid"}',
            b'{"actor":"\\u0000","x":' + b"[" * 500 + b"]" * 500 + b"}",
            b'{"\xff":1}',
        )
    )
    conflicting = make_statement(id=known, object={"id": "https://lms.example/other"})
    yield _with_statement(tenant, position, "conflict", conflicting)
    yield _with_statement(tenant, position, "refused", make_statement(result={"response": "poison"}))
    yield _with_statement(tenant, position, "refused", make_statement(verb={"id": "https://venom.example/verb"}))


def _with_attachment(tenant: Tenant, attached: bytes) -> Bad:
    """Of one statement, whose attachment's row is refused."""
    statement = make_statement()
    whole = record_of(tenant, statement)[:-1] + b',"attachments":[{"sha2":"%s",%s}]}' % (b"0" * 64, attached)
    return Bad(whole, "refused", 0, statement["id"], whole)


def _in_record(tenant: Tenant, position: int, reason: str, text: bytes) -> Bad:
    """What the LRS would never have sent: so the bytes are put in the place of a good statement."""
    statements = among(position, make_statement())
    envelope = make_envelope(tenant.tenant_id, *statements)
    body = envelope.statements[position].body
    whole = sealed(envelope, tenant.tenant_uuid)
    alone = sealed(msgspec.structs.replace(envelope, statements=[envelope.statements[position]]), tenant.tenant_uuid)
    good = [one["id"] for number, one in enumerate(statements) if number != position]
    return Bad(whole.replace(body, text), reason, position, None, alone.replace(body, text), good)


def _with_statement(tenant: Tenant, position: int, reason: str, bad: dict[str, Any]) -> Bad:
    statements = among(position, bad)
    envelope = make_envelope(tenant.tenant_id, *statements)
    alone = msgspec.structs.replace(envelope, statements=[envelope.statements[position]])
    good = [one["id"] for number, one in enumerate(statements) if number != position]
    whole = sealed(envelope, tenant.tenant_uuid)
    return Bad(whole, reason, position, bad["id"], sealed(alone, tenant.tenant_uuid), good)


def send_at_once(pipeline: Pipeline, values: Sequence[bytes]) -> int:
    """So that ingest finds them together. The offset of the first."""
    (ingest,) = pipeline.ingest
    ingest.freeze()
    first = pipeline.topics.send_all(values, partition=0)
    ingest.go_on()
    pipeline.wait_positions({0: first + len(values)})
    return first


@pytest.mark.timeout(240)
def test_poison__at_every_position_of_a_batch(pipeline: Pipeline, proof: Callable[..., None]) -> None:
    plant_refusals(pipeline.database)
    tenant, known = pipeline.database.tenant("school"), make_statement()
    pipeline.start_ingest().wait_ready()
    send_at_once(pipeline, [record_of(tenant, known)])
    stored, letters = {known["id"]}, []
    for position in range(RECORDS):
        for bad in kinds(tenant, known["id"], position):
            others = [make_statement() for _ in range(RECORDS - 1)]
            values = [record_of(tenant, other) for other in others]
            values.insert(position, bad.value)
            first = send_at_once(pipeline, values)
            letters.append(Letter(bad.reason, 0, first + position, bad.position, bad.statement_id, bad.payload))
            stored |= {one["id"] for one in others} | set(bad.good)
            assert in_table(pipeline)[-1] == letters[-1]
    assert in_table(pipeline) == letters
    assert in_topic(pipeline) == {letter._replace(statement_id=None) for letter in letters}
    assert set(read_ids(pipeline.database, tenant)) == stored
    proof(kinds_of_poison=len(letters) // RECORDS, batches=len(letters), stored=len(stored), letters=len(letters))


def test_refused__found_in_few_attempts_for_each_tenant(pipeline: Pipeline, proof: Callable[..., None]) -> None:
    plant_refusals(pipeline.database)
    plant_counter(pipeline.database)
    tenants = [pipeline.database.tenant(slug) for slug in ("one", "two", "three")]
    pipeline.start_ingest().wait_ready()
    each, values, good = 512, [], {}
    for number, tenant in enumerate(tenants):
        statements = [make_statement() for _ in range(each)]
        bad = statements[number * 200]
        bad["result"] = {"response": "poison"}
        good[tenant.tenant_id] = {one["id"] for one in statements} - {bad["id"]}
        values += [record_of(tenant, *statements[start : start + 64]) for start in range(0, each, 64)]
    send_at_once(pipeline, values)
    attempts = count_attempts(pipeline.database)
    for tenant in tenants:
        assert set(read_ids(pipeline.database, tenant)) == good[tenant.tenant_id]
    assert len(in_table(pipeline)) == 3
    # Whole; and for each tenant whole, then two halves of what is left, nine times.
    assert attempts <= 1 + len(tenants) * (1 + 2 * 9) + 2
    proof(statements=each * len(tenants), refused=3, attempts=attempts)


def test_topic__statements_of_one_record_that_failed_alike_are_one_letter(pipeline: Pipeline) -> None:
    """In an envelope that can be sent again as it is."""
    tenant = pipeline.database.tenant("school")
    known = [make_statement() for _ in range(3)]
    others = [make_statement(id=one["id"], object={"id": "https://x.example/other"}) for one in known]
    pipeline.start_ingest()
    pipeline.topics.send_all([record_of(tenant, *known)], 0)
    pipeline.topics.send_all([record_of(tenant, *others[:2], make_statement(), others[2])], 0)
    pipeline.wait_positions({0: 2})
    (record,) = pipeline.topics.records(pipeline.topics.names.dead_letters)
    assert msgspec.json.decode(dict(record.headers)["deadLetter"])["positions"] == [0, 1, 3]
    assert record.value == record_of(tenant, *others)
    assert [letter.payload for letter in in_table(pipeline)] == [record_of(tenant, one) for one in others]
