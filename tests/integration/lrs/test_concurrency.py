"""Many writers about the same few actors and activities: no deadlock, nothing lost, nothing twice."""

import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness.lrs import Lrs
from tests.harness.statements import make_statement


def about_the_same(chance: random.Random) -> dict[str, Any]:
    activity = chance.randrange(5)
    return make_statement(
        actor={"mbox": f"mailto:{chance.randrange(5)}@school.example", "name": f"Name {chance.randrange(3)}"},
        object={
            "id": f"https://lms.example/{activity}",
            "definition": {"name": {"en": f"Variant {chance.randrange(3)}"}},
        },
        context={"contextActivities": {"parent": [{"id": f"https://lms.example/{chance.randrange(5)}"}]}},
    )


@pytest.mark.timeout(180)
def test_writers__of_the_same_actors_never_fail(lrs: Lrs, size: SimpleNamespace, proof: Callable[..., None]) -> None:
    tenant = lrs.database.tenant("busy")
    with lrs.client(tenant) as client:
        auth, headers = client.auth, dict(client.headers)
    ends = time.monotonic() + size.writing_seconds

    def write(number: int) -> tuple[list[str], list[int]]:
        chance, acknowledged, other = random.Random(number), [], []
        with httpx.Client(base_url=f"{lrs.url}/xAPI", auth=auth, headers=headers, timeout=60) as client:
            while time.monotonic() < ends:
                answer = client.post("/statements", json=[about_the_same(chance) for _ in range(chance.randint(1, 10))])
                if answer.status_code == 200:
                    acknowledged += answer.json()
                else:
                    other.append(answer.status_code)
        return acknowledged, other

    with ThreadPoolExecutor(size.writers) as pool:
        results = list(pool.map(write, range(size.writers)))
    acknowledged = [statement_id for ids, _ in results for statement_id in ids]
    with lrs.database.admin() as connection:
        stored = [row[0] for row in connection.execute("select statement_id::text from xapi.statements")]
        deadlocks = connection.execute("select deadlocks from pg_stat_database where datname = current_database()")
        assert deadlocks.fetchone() == (0,)
    assert [statuses for _, statuses in results if statuses] == []
    assert sorted(stored) == sorted(acknowledged)
    proof(writers=size.writers, seconds=size.writing_seconds, acknowledged=len(acknowledged), lost=0, doubled=0)


def test_writers__racing_for_one_id_store_it_once(lrs: Lrs) -> None:
    tenant = lrs.database.tenant("race")
    with lrs.client(tenant) as client:
        for _ in range(10):
            statement_id = str(uuid4())
            rivals = [make_statement(id=statement_id, object={"id": f"https://lms.example/{n}"}) for n in range(2)] * 4

            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda rival: client.post("/statements", json=rival), rivals))
            found = client.get("/statements", params={"statementId": statement_id}).json()
            for rival, answer in zip(rivals, answers, strict=True):
                assert answer.status_code == (200 if rival["object"] == found["object"] else 409)


def test_writers__stop_after_what_they_accepted(lrs: Lrs) -> None:
    """SIGTERM under load: whatever was acknowledged is stored."""
    tenant = lrs.database.tenant("stopping")
    with lrs.client(tenant) as client:
        auth, headers = client.auth, dict(client.headers)

    def write(number: int) -> list[str]:
        acknowledged: list[str] = []
        with httpx.Client(base_url=f"{lrs.url}/xAPI", auth=auth, headers=headers, timeout=60) as client:
            try:
                while True:
                    answer = client.post("/statements", json=[make_statement() for _ in range(20)])
                    if answer.status_code != 200:
                        return acknowledged
                    acknowledged += answer.json()
                    if number == 0 and len(acknowledged) > 200:
                        lrs.process.terminate()
            except httpx.TransportError:
                return acknowledged

    with ThreadPoolExecutor(4) as pool:
        acknowledged = {statement_id for ids in pool.map(write, range(4)) for statement_id in ids}
    # After an orderly end the server dies of the signal it was sent, as is the custom.
    assert lrs.process.wait(15) == -signal.SIGTERM
    with lrs.database.admin() as connection:
        stored = {row[0] for row in connection.execute("select statement_id::text from xapi.statements")}
    assert acknowledged <= stored
    assert len(acknowledged) > 200
