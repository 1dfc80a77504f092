"""An import goes through the bulk topic, is stored once, and holds up nobody else."""

import json
from pathlib import Path

from tests.harness.command import Command, Finished
from tests.harness.counting import read_ids
from tests.harness.load import Chance, Load, addresses_of
from tests.harness.pipeline import Pipeline, School
from tests.harness.waiting import wait_until

OPEN = "select count(*) from ingest.bulk_loads where closed_at is null"


def write_file(path: Path, count: int, seed: int = 5) -> list[str]:
    chance = Chance(seed)
    statements = [chance.statement() for _ in range(count)]
    path.write_text("\n".join(json.dumps(one) for one in statements), encoding="utf-8")
    return sorted(one["id"] for one in statements)


def run_import(pipeline: Pipeline, school: School, path: Path) -> Finished:
    lyceum = Command(pipeline.server, pipeline.database.settings)
    arguments = ("--tenant", school.tenant.slug, "--credential", school.credentials[0], "--json")
    variables = {"LYCEUM_LRS_PUBLISH": "true", "LYCEUM_KAFKA_TOPIC_PREFIX": pipeline.kafka.topic_prefix}
    return lyceum("statements", "import", str(path), *arguments, **variables)


def open_loads(pipeline: Pipeline) -> int:
    with pipeline.database.admin() as connection:
        row = connection.execute(OPEN).fetchone()
    assert row is not None
    return int(row[0])


def test_import__through_the_topic(pipeline: Pipeline, tmp_path: Path) -> None:
    school = pipeline.school()
    ids = write_file(tmp_path / "old.ndjson", 700)
    pipeline.start(lrs=0)
    done = run_import(pipeline, school, tmp_path / "old.ndjson")
    assert done.json["stored"] == 700
    assert sum(pipeline.topics.ends(pipeline.topics.names.bulk).values()) == 7
    wait_until(lambda: read_ids(pipeline.database, school.tenant) == ids, 60)
    wait_until(lambda: open_loads(pipeline) == 0, 30)
    again = run_import(pipeline, school, tmp_path / "old.ndjson")
    assert (again.json["stored"], again.json["repeated"]) == (0, 700)
    assert sum(pipeline.topics.ends(pipeline.topics.names.bulk).values()) == 7


def test_import__only_its_tenant_waits_for_consistency(pipeline: Pipeline, tmp_path: Path) -> None:
    """What is published and not written must not seem readable; another tenant's reader goes on."""
    importing, other = pipeline.school(), pipeline.school()
    write_file(tmp_path / "old.ndjson", 300)
    pipeline.start()
    with Load(importing, addresses_of(pipeline.lrs), most=5) as load:
        load.wait_acknowledged(5)
    pipeline.wait_drained()
    pipeline.ingest[0].freeze()
    assert run_import(pipeline, importing, tmp_path / "old.ndjson").json["stored"] == 300
    with pipeline.database.admin() as connection:
        # As if live statements had gone on being written, and only the bulk topic had not.
        connection.execute("update ingest.ledger set through = now() where lane = 'statements'")
        connection.commit()
        held = connection.execute(
            "select clock_timestamp() - ingest.consistent_through(%s, true) > interval '1 second' from pg_sleep(1.5)",
            [importing.tenant.tenant_id],
        ).fetchone()
        connection.execute("update ingest.ledger set through = clock_timestamp() where lane = 'statements'")
        connection.commit()
        free = connection.execute(
            "select clock_timestamp() - ingest.consistent_through(%s, true) < interval '1 second'",
            [other.tenant.tenant_id],
        ).fetchone()
    assert (held, free) == ((True,), (True,))
    pipeline.ingest[0].go_on()
    wait_until(lambda: open_loads(pipeline) == 0, 60)
    assert len(read_ids(pipeline.database, importing.tenant)) == 300 + len(load.acknowledged)
