import io
import json
import logging

import pytest
import structlog

from core.logs import configure_logs
from core.settings import LogSettings


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def configure(stream: io.StringIO, form: str = "json") -> None:
    configure_logs(LogSettings.model_validate({"format": form}), stream)
    structlog.contextvars.clear_contextvars()


def test_log__json_with_request_and_tenant(stream: io.StringIO) -> None:
    configure(stream)
    structlog.contextvars.bind_contextvars(request_id="r-1", tenant=7)
    structlog.get_logger("lrs").info("stored", statements=3)
    line = json.loads(stream.getvalue())
    assert {name: line[name] for name in ("event", "request_id", "tenant", "statements", "level", "logger")} == {
        "event": "stored", "request_id": "r-1", "tenant": 7, "statements": 3, "level": "info", "logger": "lrs",
    }  # fmt: skip


def test_log__libraries_speak_the_same_way(stream: io.StringIO) -> None:
    configure(stream)
    logging.getLogger("alembic").warning("broker %s is away", "b1")
    assert json.loads(stream.getvalue())["event"] == "broker b1 is away"


@pytest.mark.parametrize("form", ["json", "text"])
def test_log__no_secret_gets_in(stream: io.StringIO, form: str) -> None:
    configure(stream, form)
    log = structlog.get_logger("test")
    log.info("login", password="hush-1", secret_key="hush-2", Authorization="Basic hush-3", session_cookie="hush-4")
    log.info("connect postgresql://user:hush-5@db/lyceum", conninfo="host=db password=hush-6 dbname=x")
    log.info("quoted", conninfo="password='hush 7' host=db")
    logging.getLogger("psycopg").error("failed: postgresql://user:hush-8@db/x")
    try:
        raise ValueError("postgresql://user:hush-9@db/x")
    except ValueError:
        log.exception("trouble")
    assert "hush" not in stream.getvalue()
    assert stream.getvalue().count("***") >= 9


def test_log__the_level_holds(stream: io.StringIO) -> None:
    configure(stream)
    logging.getLogger("x").debug("quiet")
    assert stream.getvalue() == ""
