"""What stops ingest, and what does not: newer envelopes, many failures, conflicts, one tenant's mess, large records."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest

from core.envelope import seal
from core.settings import Settings
from core.tenants import Tenant
from tests.harness.counting import count_letters, read_ids
from tests.harness.database import Database
from tests.harness.letters import in_table, in_topic
from tests.harness.member import Member
from tests.harness.pipeline import Pipeline, laid
from tests.harness.planted import held
from tests.harness.statements import make_envelope, make_statement
from tests.harness.topics import MIB
from tests.harness.waiting import wait_until

LIMIT = 40


@pytest.fixture
def pipeline(server: Settings, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    with laid(server, database, tmp_path, partitions=1) as pipeline:
        yield pipeline


def record(tenant: Tenant, *statements: Any) -> bytes:
    return seal(make_envelope(tenant.tenant_id, *(statements or (make_statement(),))), tenant.tenant_uuid)


def invalid(tenant: Tenant) -> bytes:
    return record(tenant, make_statement(actor={"mbox": "mailto:x@x.example"})).replace(b"mailto:x@", b"nothing.x@")


def states(pipeline: Pipeline) -> list[str]:
    with pipeline.database.admin() as connection:
        return [row[0] for row in connection.execute("select state from ingest.consumers order by started_at")]


def test_newer_envelope__stops_and_touches_nothing(pipeline: Pipeline) -> None:
    tenant = pipeline.database.tenant("school")
    good, after = make_statement(), make_statement()
    newer = record(tenant).replace(b'"version":1', b'"version":2', 1)
    pipeline.topics.send_all([record(tenant, good), newer, record(tenant, after)], partition=0)
    ingest = pipeline.start_ingest()
    assert ingest.wait_end() == 1
    assert "Offset 1 of partition 0" in ingest.said
    assert "newer Lyceum" in ingest.said
    assert "Traceback" not in ingest.said
    assert pipeline.positions() == {0: 1}
    assert read_ids(pipeline.database, tenant) == [good["id"]]
    assert count_letters(pipeline.database) == 0
    assert states(pipeline) == ["stopped"]
    ingest.restart()
    assert ingest.wait_end() == 1
    assert pipeline.positions() == {0: 1}


def test_failures__of_several_tenants_stop_and_conflicts_never(pipeline: Pipeline) -> None:
    tenant, known = pipeline.database.tenant("school"), make_statement()
    ingest = pipeline.start_ingest(LYCEUM_INGEST_MAX_FAILURES=str(LIMIT))
    conflicting = [record(tenant, make_statement(id=known["id"], object={"id": f"https://x.example/{n}"}))
                   for n in range(3 * LIMIT)]  # fmt: skip
    one_tenants = [invalid(tenant) for _ in range(3 * LIMIT)]
    offset = pipeline.topics.send_all([record(tenant, known), *conflicting, *one_tenants], partition=0)
    pipeline.wait_positions({0: offset + 1 + 6 * LIMIT})
    assert ingest.is_ready()
    assert count_letters(pipeline.database) == 6 * LIMIT
    # One tenant counts for a tenth of the limit at most.
    tenants = [pipeline.database.tenant(f"school-{number}") for number in range(9)]
    pipeline.topics.send_all([invalid(other) for other in tenants for _ in range(LIMIT // 10)], partition=0)
    assert ingest.wait_end() == 3
    assert f"{LIMIT} dead letters in an hour" in ingest.said
    assert states(pipeline) == ["stopped"]
    # Before anything is read: else each start would bury some more.
    ends = pipeline.positions()
    pipeline.topics.send_all([record(tenant)], partition=0)
    ingest.restart()
    assert ingest.wait_end() == 3
    assert pipeline.positions() == ends


def test_letter__larger_than_a_record_of_the_topic(pipeline: Pipeline, proof: Callable[..., None]) -> None:
    """As a record it fits; with its description, in base64, it would not."""
    tenant, good = pipeline.database.tenant("school"), make_statement()
    large = b"\xff" + bytes(45 * MIB)
    pipeline.start_ingest()
    pipeline.topics.send(large, 0)
    pipeline.topics.send(record(tenant, good), 0)
    pipeline.wait_positions({0: 2})
    assert [letter.payload for letter in in_table(pipeline)] == [large]
    assert {letter.payload for letter in in_topic(pipeline)} == {large}
    assert read_ids(pipeline.database, tenant) == [good["id"]]
    proof(letter_mib=45)


@pytest.mark.timeout(300)
def test_memory__of_large_statements(pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]) -> None:
    tenant, text = pipeline.database.tenant("school"), "x" * MIB
    extended = [make_statement(result={"extensions": {"https://x.example/e": text}}) for _ in range(size.large_records)]
    for start in range(0, size.large_records, 20):
        pipeline.topics.send_all([record(tenant, one) for one in extended[start : start + 20]], 0)
    with held(pipeline.database, "before the ids") as hold:
        ingest = pipeline.start_ingest()
        hold.wait()
        # The next batch is read meanwhile, up to its limit.
        wait_until(lambda: not is_growing(ingest), every=1)
    pipeline.wait_positions({0: size.large_records}, 200)
    peak = mebibytes(ingest, "VmHWM")
    assert len(read_ids(pipeline.database, tenant)) == size.large_records
    assert peak < 250
    proof(records_of_1_mib=size.large_records, peak_mib=peak)


def is_growing(member: Member) -> bool:
    before = mebibytes(member, "VmRSS")
    with suppress(AssertionError):
        wait_until(lambda: mebibytes(member, "VmRSS") > before + 1, 1.0)
    return mebibytes(member, "VmRSS") > before + 1


def mebibytes(member: Member, name: str) -> float:
    return int(Path(f"/proc/{member.pid}/status").read_text().partition(f"{name}:")[2].split()[0]) / 1024


@pytest.mark.timeout(900)
def test_flood__of_conflicts_does_not_slow_the_others(
    pipeline: Pipeline, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    """Against as many statements of the same tenant without conflicts."""
    loud, quiet = pipeline.database.tenant("loud"), pipeline.database.tenant("quiet")
    known = make_statement()
    ingest = pipeline.start_ingest()
    pipeline.wait_positions({0: pipeline.topics.send(record(loud, known), 0)[1] + 1})

    def seconds(make: Callable[[int], dict[str, Any]]) -> float:
        values = []
        for number in range(size.flood_records):
            values.append(record(loud, *(make(number * 20 + each) for each in range(20))))
            values.append(record(quiet, *(make_statement() for _ in range(20))))
        ingest.freeze()
        first = send_in_parts(pipeline, values)
        began = time.monotonic()
        ingest.go_on()
        pipeline.wait_positions({0: first + len(values)})
        return time.monotonic() - began

    def conflicting(number: int) -> dict[str, Any]:
        return make_statement(id=known["id"], object={"id": f"https://x.example/{number}"})

    def ordinary(number: int) -> dict[str, Any]:
        return make_statement(object={"id": f"https://x.example/{number % 30}"})

    seconds(ordinary)
    pairs = [(seconds(ordinary), seconds(conflicting)) for _ in range(size.flood_rounds)]
    slowdown = median(flood for _, flood in pairs) / median(without for without, _ in pairs)
    assert count_letters(pipeline.database) == size.flood_rounds * size.flood_records * 20
    assert len(read_ids(pipeline.database, quiet)) == (2 * size.flood_rounds + 1) * size.flood_records * 20
    proof(rounds=size.flood_rounds, statements_a_round=size.flood_records * 40, slowdown=slowdown)
    assert slowdown < size.flood_slowdown


def send_in_parts(pipeline: Pipeline, values: Sequence[bytes]) -> int:
    return min(pipeline.topics.send_all(values[start : start + 500], 0) for start in range(0, len(values), 500))
