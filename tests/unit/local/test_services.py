import socket
from pathlib import Path

import pytest

from core.errors import UserError
from core.settings import load_settings
from local.home import Home
from local.services import services

OURS = ["migrate", "topics", "lrs", "ingest", "dagster-code", "dagster-daemon", "dagster", "superset"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def names(home: Home, environ: dict[str, str], *only: str) -> list[str]:
    loaded = load_settings({"LYCEUM_HOME": str(home.folder), **environ})
    return [process.name for process in services(loaded, home, frozenset(only))]


def test_services__all(home: Home) -> None:
    assert names(home, {}) == ["database", "kafka", *OURS]


def test_services__learners_where_a_demo_was_begun(home: Home) -> None:
    home.demo.mkdir()
    assert names(home, {}) == ["database", "kafka", *OURS, "learners"]


def test_services__only(home: Home) -> None:
    assert names(home, {}, "kafka") == ["kafka"]


def test_services__only_unknown(home: Home) -> None:
    known = "database, kafka, migrate, topics, lrs, ingest, dagster-code, dagster-daemon, dagster, superset, learners"
    with pytest.raises(UserError, match=rf"Unknown in --only: kafak\. There are: {known}\."):
        names(home, {}, "kafak")


def test_services__given_servers_are_not_started(home: Home) -> None:
    given = {"LYCEUM_DATABASE_URL": "postgresql://db.example/lyceum", "LYCEUM_KAFKA_BOOTSTRAP": "kafka.example:9092"}
    assert names(home, given) == OURS


def test_services__what_an_earlier_start_left_is_not_given(home: Home) -> None:
    home.publish({"database.url": "postgresql://127.0.0.1:1/lyceum", "kafka.bootstrap": "127.0.0.1:1"})
    assert names(home, {}) == ["database", "kafka", *OURS]


def test_services__left_in_a_relative_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.folder.parent)
    home.publish({"kafka.bootstrap": "127.0.0.1:1"})
    loaded = load_settings({"LYCEUM_HOME": "home"})
    started = services(loaded, Home(loaded.settings.home), frozenset({"kafka"}))
    assert [process.name for process in started] == ["kafka"]


def test_services__busy_port(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port}, from LYCEUM_DATABASE_PORT, is busy"):
            names(home, {"LYCEUM_DATABASE_PORT": str(port)})
