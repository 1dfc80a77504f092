import secrets
import socket
from pathlib import Path

from core.settings import Settings
from tests.harness.command import Command
from tests.harness.database import Database


def test_doctor__all_is_well(lyceum: Command, unused_port: int) -> None:
    prefix = f"t{secrets.token_hex(5)}."
    missing = lyceum("topics", "check", "--json", LYCEUM_KAFKA_TOPIC_PREFIX=prefix)
    assert (missing.code, {tuple(one["faults"]) for one in missing.json}) == (1, {("it does not exist.",)})
    assert lyceum("topics", "create", LYCEUM_KAFKA_TOPIC_PREFIX=prefix).code == 0
    done = lyceum("doctor", "--json", LYCEUM_LRS_PORT=str(unused_port), LYCEUM_KAFKA_TOPIC_PREFIX=prefix)
    findings = {finding["subject"]: finding for finding in done.json}
    states = {subject: finding["state"] for subject, finding in findings.items() if finding["state"] != "ok"}
    assert states == {"lrs": "warning"}, "the test servers have none"
    assert "TimescaleDB Apache edition" in findings["database"]["found"]
    assert "30-day chunks, no compression" in findings["database"]["found"]
    assert "acknowledged is on disk" in findings["topics"]["found"]
    assert findings["broker"]["found"].startswith("1 broker(s)")
    assert done.code == 0


def test_doctor__says_what_to_do(lyceum: Command, database: Database, unused_port: int) -> None:
    with database.admin() as connection:
        connection.execute("update control.alembic_version set version_num = '0003'")
    done = lyceum(
        "doctor", LYCEUM_KAFKA_BOOTSTRAP=f"127.0.0.1:{unused_port}", LYCEUM_DATABASE_PASSWORD_LRS="wrong-password"
    )
    assert done.code == 3
    assert "to apply: 0004, " in done.out
    assert "Run `lyceum migrate`" in done.out
    assert "lyceum_lrs cannot log in" in done.out
    assert f"127.0.0.1:{unused_port} does not answer" in done.out
    assert "wrong-password" not in done.out + done.err


def test_doctor__a_given_port_that_is_busy(lyceum: Command, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        done = lyceum("doctor", LYCEUM_HOME=str(tmp_path), LYCEUM_LRS_PORT=port)
    assert done.code == 3
    assert f"busy: LYCEUM_LRS_PORT={port}" in done.out


def test_doctor__no_database(lyceum: Command, unused_port: int) -> None:
    done = lyceum("doctor", LYCEUM_DATABASE_URL=f"postgresql://someone:hush@127.0.0.1:{unused_port}/lyceum")
    assert done.code == 3
    assert "cannot be reached" in done.out
    assert "hush" not in done.out + done.err


def test_settings__shows_origins_and_no_secret(lyceum: Command, server: Settings) -> None:
    done = lyceum("settings", "--json", LYCEUM_LOG_LEVEL="error")
    assert done.json["log.level"] == {"value": "error", "origin": "environment variable LYCEUM_LOG_LEVEL"}
    assert done.json["secret_key"]["value"] == "(secret)"
    assert done.json["secret_key"]["origin"].endswith("secrets.toml")
    assert done.json["log.format"]["origin"] == "default"
    assert server.secret_key is not None
    assert server.secret_key.get_secret_value() not in done.out


def test_errors__debug_shows_the_traceback(lyceum: Command) -> None:
    plain, debugged = lyceum("tenants", "show", "nobody"), lyceum("--debug", "tenants", "show", "nobody")
    assert "Traceback" not in plain.err
    assert "Traceback" in debugged.err
