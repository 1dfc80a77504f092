import base64
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import hypothesis
import pytest
from hypothesis.strategies import SearchStrategy
from psycopg import Connection

from core.settings import Settings
from local.ports import find_free
from tests.harness.database import Database, cloned
from tests.harness.lrs import V1, Client, Lrs, running_lrs
from tests.harness.raw_http import Answer, Headers, Request, exchange

JSON = (b"Content-Type", b"application/json")


@pytest.fixture(scope="module")
def database(server: Settings, edition: str, server_folder: Path) -> Iterator[Database]:
    with cloned(server, edition, server_folder) as database:
        yield database


@pytest.fixture(scope="module")
def lrs(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lrs]:
    """Small bodies only, so that too large ones are quickly made."""
    log = tmp_path_factory.mktemp("lrs") / "lrs.log"
    with running_lrs(server, database, find_free(set()), log, LYCEUM_LRS_MAX_BODY_MB="1") as lrs:
        yield lrs
        said = log.read_text(encoding="utf-8")
        assert "Traceback" not in said
        assert '"level": "error"' not in said


@dataclass(frozen=True)
class School:
    """A tenant's door, at which any bytes may knock."""

    lrs: Lrs
    client: Client
    admin: Connection
    statuses: Counter[int] = field(default_factory=Counter)

    def headers(self, version: str = V1) -> Headers:
        credentials = base64.b64encode(":".join(self.client.credentials).encode())
        return [(b"Authorization", b"Basic " + credentials), (b"X-Experience-API-Version", version.encode())]

    def knock(self, request: Request) -> Answer:
        """What holds of every answer to a request that keeps HTTP's own rules."""
        answer = self.try_knock(request)
        if answer.status >= 400 and request.method != "HEAD":
            assert_readable(answer)
        return answer

    def try_knock(self, request: Request) -> Answer:
        """The least that holds of every answer: it comes, and is no fault of ours."""
        answer = exchange(self.lrs.url, request.encode(), method=request.method)
        assert answer is not None, "closed without an answer"
        self.statuses[answer.status] += 1
        assert answer.status < 500, answer.body
        return answer

    def post(self, body: bytes, *headers: tuple[bytes, bytes], version: str = V1) -> Answer:
        sent = [*self.headers(version), *(headers or [JSON])]
        return self.knock(Request("POST", b"/xAPI/statements", sent, body))

    def put(self, statement_id: str, body: bytes, version: str = V1) -> Answer:
        target = f"/xAPI/statements?statementId={statement_id}".encode()
        return self.knock(Request("PUT", target, [*self.headers(version), JSON], body))

    def get(self, path: str, version: str = V1, **parameters: str) -> Answer:
        target = f"/xAPI{path}?{urlencode(parameters)}".encode()
        return self.knock(Request("GET", target, self.headers(version)))

    def stored(self, ids: Sequence[str]) -> int:
        query = "select from xapi.statement_ids where statement_id = any(%s::uuid[])"
        return self.admin.execute(query, [ids]).rowcount


def assert_readable(answer: Answer) -> None:
    """A refusal says what it is in a code and in a sentence."""
    assert answer.headers["Content-Type"] == "application/json", answer.body
    assert answer.json["error"].replace("_", "").isalpha()
    assert answer.json["message"].isprintable()


@pytest.fixture(scope="module")
def school(lrs: Lrs) -> Iterator[School]:
    with lrs.client(lrs.database.tenant("school")) as client, lrs.database.admin(autocommit=True) as admin:
        yield School(lrs, client, admin)


ForAll = Callable[..., None]
# At full size.
LONG = pytest.mark.timeout(900)


@pytest.fixture
def for_all(
    request: pytest.FixtureRequest, size: SimpleNamespace, school: School, proof: Callable[..., None]
) -> Iterator[ForAll]:
    """`for_all(check, strategy, …)`: as many examples as the size says."""

    def run(check: Callable[..., None], *strategies: SearchStrategy[Any]) -> None:
        hypothesis.settings(max_examples=size.request_examples)(hypothesis.given(*strategies)(check))()

    yield run
    if is_last_of_its_file(request):
        kinds = [sum(count for status, count in school.statuses.items() if status // 100 == kind) for kind in (2, 4, 5)]
        total = school.statuses.total()
        proof(requests_of_the_whole_file=total, accepted=kinds[0], refused=kinds[1], server_errors=kinds[2])


def is_last_of_its_file(request: pytest.FixtureRequest) -> bool:
    alike = [item for item in request.session.items if item.path == request.node.path]
    return request.node is [item for item in alike if "for_all" in getattr(item, "fixturenames", ())][-1]
