"""Whether another tenant has something is told by nothing: not by status, header or words, not by what the database is
asked, and not by time."""

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from core.settings import Settings
from local.home import Home
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.lrs import Client, running_lrs
from tests.harness.neighbours import DOCUMENTS, Neighbour
from tests.harness.statements import make_statement
from tests.security.existence import Question, difference, questions

pytestmark = pytest.mark.timeout(400)
TIMES = 7
MARK = "mark-of-theirs"
SAID = re.compile(r"(?:execute [^:]*|statement): (.*?)(?=\n\d{4}-|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Ground:
    ours: Client
    questions: list[Question]
    log: Path
    database: Database

    def queries(self, question: Question, named: str) -> tuple[str, ...]:
        """What the database was asked: mostly, since other work of the process may come between."""
        seen = Counter(self._queries_once(question, named) for _ in range(TIMES))
        return seen.most_common(1)[0][0]

    def _queries_once(self, question: Question, named: str) -> tuple[str, ...]:
        with self.log.open("rb") as log:
            log.seek(0, 2)
            question.ask(self.ours, named)
            lines = log.read().decode()
        prefix = rf"^[^\t\n]*\] lyceum_lrs@{self.database.name} LOG:  "
        mine = re.findall(prefix + r"(.*\n(?:\t.*\n)*)", lines, re.MULTILINE)
        return without_what_is_asked_anyhow([found[1].strip() for text in mine if (found := SAID.search(text))])


def without_what_is_asked_anyhow(queries: list[str]) -> tuple[str, ...]:
    """How far all is written is asked once in 20 ms, whatever the request; and connections are looked after."""
    for number in [number for number, query in enumerate(queries) if "consistent_through" in query][::-1]:
        del queries[number - 2 : number + 2]
    return tuple(query for query in queries if query not in {"select 1", "DEALLOCATE ALL"})


@contextmanager
def standing(server: Settings, database: Database, folder: Path, slugs: tuple[str, str]) -> Iterator[Ground]:
    given = {"LYCEUM_LRS_ATTACHMENTS": f"file://{folder / 'objects'}", "LYCEUM_LRS_AUTH_REFRESH": "60"}
    ours, theirs = (database.tenant(slug) for slug in slugs)
    with (
        running_lrs(server, database, find_free(set()), folder / "lrs.log", **given) as lrs,
        lrs.client(ours) as client,
        lrs.client(theirs) as other,
    ):
        neighbour = Neighbour(other, MARK)
        neighbour.plant()
        neighbour.void("voided")
        client.post("/statements", json=make_statement()).raise_for_status()
        path, place, name = DOCUMENTS[0]
        etag = other.get(path, params={**place, name: "same"}).headers["etag"].strip('"')
        asked = questions(f"data of {MARK}".encode(), etag)
        for question in asked:
            if question.method == "GET":
                assert question.ask(other, question.theirs).status_code == 200, f"they have it: {question}"
        yield Ground(client, asked, Home(server.home).log("database"), database)


@pytest.fixture(scope="module")
def logged(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The database writes down what it is asked."""
    setting = f"alter role lyceum_lrs in database {database.name} {{}} log_statement"
    with database.admin(autocommit=True) as admin:
        admin.execute(setting.format("set") + " = 'all'")
        try:
            with standing(server, database, tmp_path_factory.mktemp("logged"), ("ours", "theirs")) as ground:
                yield ground
        finally:
            admin.execute(setting.format("reset"))


def test_answers__are_those_about_what_nobody_has(logged: Ground, proof: Callable[..., None]) -> None:
    for question in logged.questions:
        theirs, nobodys = (question.told(logged.ours, named) for named in (question.theirs, question.nobodys))
        assert theirs == nobodys, question.name
        assert MARK not in repr(theirs)
    assert len(logged.questions) > 25
    proof(questions=len(logged.questions))


def test_queries__are_those_about_what_nobody_has(logged: Ground) -> None:
    """So only the rows themselves could take their time, and each index begins with the tenant: see test_catalog."""
    for question in logged.questions:
        theirs, nobodys = (logged.queries(question, named) for named in (question.theirs, question.nobodys))
        assert theirs == nobodys, question.name
        assert len(theirs) > 1 or question.method == "POST", (question.name, theirs)


def test_time__tells_nothing(
    server: Settings, database: Database, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    with standing(server, database, tmp_path, ("timed", "timed-theirs")) as ground:
        found = {
            question.name: difference(list(pairs(ground.ours, question, size.existence_pairs)))
            for question in ground.questions
        }
    assert {name: told for name, told in found.items() if told.is_told} == {}
    widest = max(found.values(), key=lambda one: abs(one.seconds))
    proof(
        requests=2 * len(found) * size.existence_pairs,
        largest_difference_ms=abs(widest.seconds) * 1000,
        would_be_noticed_from_ms=max(each.doubt for each in found.values()) * 1000,
    )


def pairs(client: httpx.Client, question: Question, count: int) -> Iterator[tuple[float, float]]:
    """Each pair at nearly the same moment, and each of the two first as often as the other."""
    for number in range(count):
        first, second = (question.theirs, question.nobodys)[:: 1 if number % 2 else -1]
        took = {first: seconds(client, question, first)}
        took[second] = seconds(client, question, second)
        yield took[question.theirs], took[question.nobodys]


def seconds(client: httpx.Client, question: Question, named: str) -> float:
    began = time.perf_counter()
    question.ask(client, named)
    return time.perf_counter() - began


@pytest.mark.parametrize(("slower", "is_told"), [(0.0, False), (0.0001, False), (0.001, True), (-0.001, True)])
def test_difference__sees_a_query_more_and_no_noise(slower: float, is_told: bool) -> None:
    chance = random.Random(7)

    def took() -> float:
        """Mostly 3 ms, and once in a while much longer."""
        return chance.gauss(0.003, 0.0007) + (0.05 if chance.random() < 0.05 else 0)

    assert difference([(took() + slower, took()) for _ in range(100)]).is_told is is_told
