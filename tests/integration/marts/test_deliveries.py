"""Statements that come by the topic and by a file: what goes wrong on the way changes no mart."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.credentials import NewCredential, create_credential
from core.envelope import Envelope, seal
from simulator.delivery.parcels import Parcel
from simulator.parameters import Parameters
from tests.harness.command import Command
from tests.harness.marts import Marts, cells, differences, kill_refresh
from tests.harness.pipeline import Pipeline
from tests.harness.statements import NOW
from tests.harness.terms import CREDENTIAL, Term, accept, deliver, ids, make_tenants
from tests.harness.waiting import wait_until
from tests.integration.marts.conftest import TENANTS

pytestmark = [pytest.mark.both_databases_at_full_size, pytest.mark.timeout(900)]

LONG_AGO = b'"stored":"2019-03-01T12:00:00.000Z",'
A_RECORD = 40
STORED = "select count(*) from xapi.statement_ids"


def test_order__a_late_tenant_a_crash_an_old_file_and_a_replay(
    pipeline: Pipeline, marts: Marts, lyceum: Command, term: Term, tmp_path: Path
) -> None:
    school, club_uuid = make_tenants(marts.database, Parameters(learners=1, tenants=TENANTS[:1])), uuid4()
    ours = [parcel for parcel in term.statements if parcel.tenant == "riverside"]
    theirs = [parcel for parcel in term.statements if parcel.tenant == "club"]
    by_topic, by_file = ours[: len(ours) // 2], ours[len(ours) // 2 :]
    prefix = {"LYCEUM_KAFKA_TOPIC_PREFIX": pipeline.kafka.topic_prefix}

    deliver(marts.database, school, [parcel for parcel in term.events if parcel.tenant == "riverside"])
    pipeline.start(lrs=0)
    send(pipeline, by_topic, school["riverside"].tenant_uuid)
    send(pipeline, theirs, club_uuid)
    pipeline.wait_drained()
    marts.refresh(as_of=term.as_of)
    assert stored(marts) == len(ids(by_topic))

    club = make_tenants(marts.database, Parameters(learners=1, tenants=TENANTS[1:]), club_uuid)
    deliver(marts.database, club, [parcel for parcel in term.events if parcel.tenant == "club"])
    retried = lyceum("dead-letters", "retry", "--reason", "unknown_tenant", "--json", **prefix)
    assert retried.json["sent_again"] > 0
    wait_until(lambda: stored(marts) == len(ids(by_topic + theirs)), 60)
    kill_refresh(pipeline.server, marts)
    marts.refresh(as_of=term.as_of)

    import_old(lyceum, marts, by_file, tmp_path / "old.ndjson", prefix)
    wait_until(lambda: stored(marts) == len(ids(term.statements)), 60)
    marts.refresh(as_of=term.as_of)
    assert lyceum("ingest", "replay", "--from", "beginning", **prefix).code == 0

    marts.refresh(as_of=term.as_of)
    kept = marts.contents()
    marts.refresh(full=True, as_of=term.as_of)
    assert differences(kept, marts.contents()) == {}
    assert cells(kept)
    assert marts.rows("select count(*) as n from intermediate.int_statements")[0]["n"] == len(ids(term.statements))


def send(pipeline: Pipeline, parcels: Sequence[Parcel], tenant_uuid: UUID) -> None:
    once = list({parcel.text[7:43]: parcel for parcel in parcels}.values())
    records = [once[begin : begin + A_RECORD] for begin in range(0, len(once), A_RECORD)]
    pipeline.topics.send_all([record(parcels, tenant_uuid) for parcels in records])


def record(parcels: Sequence[Parcel], tenant_uuid: UUID) -> bytes:
    return seal(Envelope(0, CREDENTIAL, NOW, [accept(0, parcel.text) for parcel in parcels]), tenant_uuid)


def import_old(lyceum: Command, marts: Marts, parcels: Sequence[Parcel], file: Path, prefix: dict[str, str]) -> None:
    """As from an LRS that was given up years ago: with its times."""
    file.write_bytes(b"".join(b"{" + LONG_AGO + parcel.text[1:] + b"\n" for parcel in parcels))
    with marts.database.admin() as connection:
        new = NewCredential("old", ("all",))
        key = create_credential(connection, "riverside", new, marts.database.key, "http://127.0.0.1").credential.key_id
    done = lyceum(
        "statements", "import", str(file), "--tenant", "riverside", "--credential", key, "--keep-stored", **prefix
    )
    assert done.code == 0, done.err


def stored(marts: Marts) -> int:
    with marts.database.admin() as connection:
        row = connection.execute(STORED).fetchone()
    return int(row[0]) if row else 0
