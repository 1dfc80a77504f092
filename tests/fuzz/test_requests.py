"""Requests made at random, over every resource and the door of events: each is answered, and nothing breaks."""

import base64
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from core.settings import Settings
from lrs import about, events
from lrs.app import ENDS, PREFIXES, RESOURCES
from tests.harness.database import Database
from tests.harness.event_examples import EXAMPLES
from tests.harness.events import event_body
from tests.harness.mutating import Mutator
from tests.harness.oddities import ODD_TEXTS
from tests.harness.raw_http import Request, exchange
from tests.harness.running_lrs import RunningLrs, running
from tests.unit.core.xapi.examples import AGENT, STATEMENT

THREADS = 4
MOST_GROWTH = 150 << 20
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND")
PATHS = (
    *(prefix + path + end for prefix in PREFIXES for path in (*RESOURCES, about.PATH) for end in ENDS),
    events.PATH,
)
PARAMETERS = (
    "statementId", "voidedStatementId", "agent", "verb", "activity", "registration", "related_activities",
    "related_agents", "since", "until", "limit", "format", "attachments", "ascending", "more", "cursor", "activityId",
    "stateId", "profileId", "method", "X", "",
)  # fmt: skip
VALUES = (
    "6690e6c9-3ef0-4ed3-8b37-7f3964730bee", '{"mbox":"mailto:ana@example.org"}', "https://example.org/unit", "true",
    "2026-01-01T00:00:00Z", "0", "-1", "1e9", "99999999999999999999", "ids", "exact", "canonical", "bookmark",
)  # fmt: skip
TYPES = (
    b"application/json", b"multipart/mixed; boundary=x", b"application/x-www-form-urlencoded", b"text/plain", b"",
    b"application/json; charset=utf-16", b"multipart/mixed", b"*/*",
)  # fmt: skip
HEADERS = (
    b"If-Match", b"If-None-Match", b"Accept", b"Accept-Language", b"Accept-Encoding", b"Content-Encoding", b"Range",
    b"X-Tenant-ID", b"Origin", b"Expect", b"X-Forwarded-For", b"Updated", b"Prefer", b"Cookie",
)  # fmt: skip


class Maker:
    def __init__(self, seed: int, credentials: tuple[str, str]) -> None:
        self.rng = random.Random(seed)
        self._mutator = Mutator(seed)
        self._basic = b"Basic " + base64.b64encode(":".join(credentials).encode())

    def make(self) -> Request:
        path = self.rng.choice(PATHS)
        if self.rng.random() < 0.03:
            path += quote(self._mutator.text()[:50], errors="replace")
        query = "&".join(f"{self._name()}={self._value()}" for _ in range(self.rng.randrange(4)))
        method = self.rng.choice(METHODS if self.rng.random() < 0.2 else METHODS[:5])
        body = b"" if method in {"GET", "HEAD", "DELETE"} and self.rng.random() < 0.9 else self._body(path)
        return Request(method, f"{path}?{query}".encode("utf-8", "replace"), self._headers(), body)

    def _name(self) -> str:
        return quote(self.rng.choice(PARAMETERS))

    def _value(self) -> str:
        value = self.rng.choice(VALUES if self.rng.random() < 0.7 else ODD_TEXTS)[:2_000]
        return value if value.isalnum() else quote(value, errors="replace")

    def _headers(self) -> list[tuple[bytes, bytes]]:
        said = [(b"Content-Type", self.rng.choice(TYPES[:1] if self.rng.random() < 0.7 else TYPES))]
        if self.rng.random() < 0.97:
            said.append((b"Authorization", self._basic))
        if self.rng.random() < 0.97:
            said.append((b"X-Experience-API-Version", self.rng.choice((b"1.0.3", b"2.0.0"))))
        for _ in range(self.rng.randrange(3)):
            odd = "".join(one for one in self.rng.choice((*VALUES, *ODD_TEXTS)) if " " <= one <= "~")[:200]
            said.append((self.rng.choice(HEADERS), odd.encode()))
        return said

    def _body(self, path: str) -> bytes:
        if path == events.PATH:
            kind = self.rng.choice(list(EXAMPLES))
            return self._mutator.mutate([event_body(kind, EXAMPLES[kind])])
        if "statements" in path:
            whole = self.rng.random() < 0.3
            return self._mutator.mutate({**STATEMENT, "id": None} if whole else [STATEMENT])
        return self._mutator.mutate({"agent": AGENT, "n": [1, 2]})


@pytest.fixture
def lrs(server: Settings, database: Database, tmp_path: Path) -> Iterator[RunningLrs]:
    given = {"LYCEUM_LRS_MAX_BODY_MB": "1", "LYCEUM_LRS_ACCESS_LOG": "false"}
    with running(database, server, tmp_path, **given) as lrs:
        yield lrs


@pytest.mark.timeout(3_600)
def test_requests__every_one_is_answered(lrs: RunningLrs, size: SimpleNamespace, proof: Callable[..., None]) -> None:
    each = size.fuzzed_requests // THREADS
    tenant = lrs.lrs.database.tenant("school")
    with lrs.lrs.client(tenant, ("all", "events/write")) as client:
        makers = [Maker(seed, client.credentials) for seed in range(THREADS)]
    send(lrs, makers[0], each // 10)
    before = lrs.reset_peak()
    with ThreadPoolExecutor(THREADS) as threads:
        counted = list(threads.map(lambda maker: send(lrs, maker, each), makers))
    statuses: Counter[int] = sum(counted, Counter())
    kinds = {
        f"answers_{kind}xx": sum(n for status, n in statuses.items() if status // 100 == kind) for kind in (2, 4, 5)
    }
    proof(requests=statuses.total(), **kinds, peak_grown_mib=(lrs.peak - before) >> 20)
    assert kinds["answers_5xx"] == 0
    assert kinds["answers_2xx"] > 0
    assert "Traceback" not in lrs.log.read_text(encoding="utf-8")
    assert lrs.peak - before < MOST_GROWTH


def send(lrs: RunningLrs, maker: Maker, count: int) -> "Counter[int]":
    statuses: Counter[int] = Counter()
    for _ in range(count):
        request = maker.make()
        answer = exchange(lrs.lrs.url, request.encode(), method=request.method)
        assert answer is not None, request
        assert answer.status < 500, (request, answer.body)
        statuses[answer.status] += 1
    return statuses
