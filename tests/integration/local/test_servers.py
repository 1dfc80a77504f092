import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.leftovers import leftovers
from tests.harness.waiting import wait_until
from tests.integration.local.lyceum import Lyceum


@pytest.fixture(scope="module")
def lyceum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lyceum]:
    # What is above is closed to all but its owner, as a home folder may be.
    private = tmp_path_factory.mktemp("private")
    private.chmod(0o700)
    lyceum = Lyceum(private / "home")
    yield lyceum
    lyceum.run("down")


def test_up__status_and_down(lyceum: Lyceum) -> None:
    lyceum.up()
    status = json.loads(lyceum.run("status", "--json").stdout)
    assert [(process["name"], process["phase"], process["restarts"]) for process in status] == [
        ("database", "ready", 0),
        ("kafka", "ready", 0),
    ]
    assert all(process["memory"] > 10 << 20 for process in status)
    table = lyceum.run("status")
    assert table.returncode == 0
    assert all(str(process["port"]) in table.stdout for process in status)
    assert lyceum.run("down").stdout.startswith("Stopped in")
    assert lyceum.nothing_remains()
    assert not lyceum.home.endpoints_file.exists()
    assert lyceum.run("status").returncode == 3


def test_up__second_start_has_the_data_at_the_same_addresses(lyceum: Lyceum) -> None:
    lyceum.up()
    row, record, settings = lyceum.remember_row(), lyceum.remember_record(), lyceum.settings
    lyceum.run("down")
    lyceum.up()
    assert lyceum.settings == settings
    assert row in lyceum.rows()
    assert record in lyceum.records()


def test_kill__database(lyceum: Lyceum) -> None:
    lyceum.up()
    row = lyceum.remember_row()
    lyceum.kill("database")
    assert row in lyceum.rows()
    database = lyceum.process("database")
    assert (database.error, database.restarts) == ("ended by SIGKILL", 1)


def test_kill__database_while_it_computes(lyceum: Lyceum) -> None:
    lyceum.up()
    row = lyceum.remember_row()
    connection = lyceum.connect()
    connection.pgconn.send_query(b"select count(*) from generate_series(1, 1000000000)")
    lyceum.kill("database")
    connection.close()
    assert row in lyceum.rows()


def test_kill__broker(lyceum: Lyceum) -> None:
    lyceum.up()
    record = lyceum.remember_record()
    lyceum.kill("kafka")
    assert record in lyceum.records()


def test_kill__supervisor(lyceum: Lyceum) -> None:
    lyceum.up()
    row, record = lyceum.remember_row(), lyceum.remember_record()
    lyceum.kill_supervisor()
    assert lyceum.run("status").returncode == 3
    lyceum.up()
    assert row in lyceum.rows()
    assert record in lyceum.records()


def test_up__home_in_use(lyceum: Lyceum) -> None:
    lyceum.up()
    refused = lyceum.run("up", "--detach")
    assert refused.returncode == 1
    assert f"{lyceum.folder} is in use by process {lyceum.supervisor()}." in refused.stderr
    assert "`lyceum down`" in refused.stderr
    assert lyceum.is_up()


def test_logs(lyceum: Lyceum) -> None:
    lyceum.up()
    assert "ready to accept connections" in lyceum.run("logs", "database").stdout
    assert "Kafka Server started" in lyceum.run("logs", "kafka").stdout
    assert "There are: database, kafka, supervisor." in lyceum.run("logs", "kafak").stderr


def test_secrets__in_no_command_line_environment_or_log(lyceum: Lyceum) -> None:
    lyceum.up()
    url = lyceum.settings.database.url
    assert url is not None
    password = url.get_secret_value().split(":")[2].partition("@")[0]
    texts = [Path(f"/proc/{process.pid}/{part}").read_bytes() for process in leftovers(lyceum.folder)
             for part in ("cmdline", "environ")]  # fmt: skip
    texts += [log.read_bytes() for log in lyceum.home.log("x").parent.iterdir()]
    assert len(texts) > 10
    assert not any(password.encode() in text for text in texts)


def test_interrupt__stops_all_within_ten_seconds(lyceum: Lyceum) -> None:
    lyceum.run("down")
    foreground = lyceum.in_foreground("up", "--only", lyceum.only)
    wait_until(lyceum.is_up)
    began = time.monotonic()
    foreground.send_signal(signal.SIGINT)
    output, _ = foreground.communicate(timeout=15)
    assert time.monotonic() - began < 10
    assert foreground.returncode == 0
    assert output.count("stopped") == 2
    assert lyceum.nothing_remains()


def test_up__given_servers_are_not_started(lyceum: Lyceum, tmp_path: Path) -> None:
    lyceum.up()
    settings = lyceum.settings
    assert settings.database.url is not None
    other = Lyceum(tmp_path / "other")
    given = {
        "LYCEUM_DATABASE_URL": settings.database.url.get_secret_value(),
        "LYCEUM_KAFKA_BOOTSTRAP": settings.kafka.bootstrap or "",
    }
    try:
        started = other.run("up", "--detach", "--only", "database,kafka", **given)
        assert started.returncode == 0
        assert other.is_up()
        assert other.state().processes == []
        assert not (other.home.data / "kafka").exists()
    finally:
        other.run("down")
    assert lyceum.is_up()


def test_up__until_another_process_is_gone(lyceum: Lyceum) -> None:
    lyceum.run("down")
    with subprocess.Popen(["sleep", "600"]) as other:
        try:
            lyceum.run("up", "--detach", "--only", lyceum.only, "--until-exit-of", str(other.pid))
            assert lyceum.is_up()
        finally:
            other.kill()
    wait_until(lambda: lyceum.home.holder() is None)
    assert lyceum.nothing_remains()


def test_up__busy_port(tmp_path: Path) -> None:
    other = Lyceum(tmp_path / "home")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        refused = other.run("up", "--detach", LYCEUM_KAFKA_PORT=str(port))
    assert refused.returncode == 1
    assert f"Port {port}, from LYCEUM_KAFKA_PORT, is busy (held by process {os.getpid()}, " in refused.stderr
    assert "Traceback" not in refused.stderr


def test_up__no_network_at_the_first_download(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1"
    # A home directory of its own hides what the user has downloaded before.
    refused = Lyceum(tmp_path / "home", only="kafka").run(
        "up", "--detach", "--only", "kafka", HOME=str(tmp_path), http_proxy=nowhere, https_proxy=nowhere
    )
    assert refused.returncode == 1
    assert "could not be downloaded: no connection to the Maven repository. Check the network" in refused.stderr


def test_plain_postgresql__kill_supervisor(tmp_path: Path) -> None:
    plain = Lyceum(tmp_path / "home", edition="postgresql", only="database")
    try:
        plain.up()
        row = plain.remember_row()
        plain.kill("database")
        plain.kill_supervisor()
        plain.up()
        assert row in plain.rows()
    finally:
        plain.run("down")
    assert plain.nothing_remains()
