"""`lyceum simulate --to kafka`: what ingest writes of it is what the LRS would have had written."""

import json
from pathlib import Path

from tests.harness.command import Command
from tests.harness.pipeline import Pipeline

MISTAKES = ("--without", "all")


def test_simulate__into_the_topics(pipeline: Pipeline, tmp_path: Path) -> None:
    school = pipeline.school("all")
    pipeline.start_ingest().wait_ready()
    key, secret = school.credentials
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({school.tenant.slug: {"key": key, "secret": secret}}))
    lyceum = Command(pipeline.server, pipeline.database.settings)
    done = lyceum(
        "simulate", "--out", str(tmp_path / "term"), "--tenant", school.tenant.slug, "--statements", "2000", *MISTAKES,
        "--to", "kafka", "--credentials", str(file), "--events", "--json",
        LYCEUM_KAFKA_TOPIC_PREFIX=pipeline.kafka.topic_prefix,
    )  # fmt: skip
    assert done.code == 0, done.err
    pipeline.wait_drained()
    with pipeline.database.admin() as connection:
        stored = connection.execute("select count(*), count(distinct credential_id) from xapi.statements").fetchone()

        assert stored == (done.json["statements"], 1)

        assert connection.execute("select count(*) from ingest.dead_letters").fetchone() == (0,)
    with pipeline.database.admin() as connection:
        users = connection.execute("select count(*) from lms.users").fetchone()
    assert users is not None
    assert users[0] > 0


def test_simulate__without_a_credential(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.school("all")
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"school": {"key": "key-unknown-to-all-0000", "secret": "s"}}))
    lyceum = Command(pipeline.server, pipeline.database.settings)
    done = lyceum(
        "simulate", "--out", str(tmp_path / "term"), "--tenant", "school", "--statements", "1000", "--to", "kafka",
        "--credentials", str(file), LYCEUM_KAFKA_TOPIC_PREFIX=pipeline.kafka.topic_prefix,
    )  # fmt: skip
    assert (done.code, "These tenants have no such credential: school." in done.err) == (1, True)
