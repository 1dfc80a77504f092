"""What a request says cannot write lines into the log, nor does the log tell what a request kept secret."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.harness.database import Database
from tests.harness.raw_http import Request, exchange
from tests.harness.running_lrs import RunningLrs, running
from tests.harness.waiting import wait_until

FORGED = '{"event":"forged"}'
INJECTED = (
    b"a\x0b%s", b"a\xe2\x80\xa8%s", b"a\xc2\x85%s", b"\x1b[2J\x1b[H%s", b'","x":%s,"y":"', b"\\n%s", b"%%0d%%0a%s",
    b"a\x00%s",
)  # fmt: skip
PLACES = (
    b"X-Request-ID",
    b"User-Agent",
    b"X-Experience-API-Version",
    b"X-Forwarded-For",
    b"Content-Type",
    b"X-Tenant-ID",
)


@pytest.fixture
def lrs(server: Settings, database: Database, tmp_path: Path) -> Iterator[RunningLrs]:
    with running(database, server, tmp_path) as lrs:
        yield lrs


def test_log__every_line_is_ours(lrs: RunningLrs) -> None:
    school = lrs.school()
    key, secret = school.client.credentials
    basic = b"Basic " + base64.b64encode(f"{key}:{secret}".encode())
    answered = 0
    for injected in INJECTED:
        text = injected % FORGED.encode()
        for place in PLACES:
            headers = [(b"Authorization", basic), (place, text)]
            answered += exchange(lrs.lrs.url, Request("GET", b"/xAPI/statements", headers).encode()) is not None
        quoted = b"".join(b"%%%02x" % byte for byte in text)
        for target in (b"/xAPI/statements?verb=" + quoted, b"/xAPI/statements/" + quoted, b"/" + quoted):
            answered += exchange(lrs.lrs.url, Request("GET", target, [(b"Authorization", basic)]).encode()) is not None
    assert answered > 40
    wait_until(lambda: lrs.log.read_bytes().count(b'"event":"request"') >= answered / 2, within=10)
    lines = lrs.log.read_bytes().splitlines()
    told = [json.loads(line) for line in lines if line.startswith(b"{")]
    assert [one for one in told if one.get("event") == "forged"] == []
    assert not any(byte < 32 for line in lines for byte in line), "control characters"
    log = lrs.log.read_text(encoding="utf-8")
    assert secret not in log
    assert basic.decode() not in log
