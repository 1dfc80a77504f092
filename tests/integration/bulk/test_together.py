"""An import is not alone: the LRS goes on, and another import may be about the same statements."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.settings import Settings
from local.ports import find_free
from tests.harness.bulk import School, Write, as_lines
from tests.harness.database import Database
from tests.harness.lrs import Lrs, running_lrs
from tests.harness.statements import make_statement

PATIENCE = 120


@pytest.fixture
def lrs(server: Settings, database: Database, tmp_path: Path) -> Iterator[Lrs]:
    with running_lrs(server, database, find_free(set()), tmp_path / "lrs.log") as lrs:
        yield lrs


def about_the_same(number: int) -> dict[str, Any]:
    """Five actors and five activities, each said to be something else each time."""
    definition = {"name": {"en": f"Lesson {number}"}}
    return make_statement(
        actor={"mbox": f"mailto:{number % 5}@school.example", "name": f"{number}"},
        object={"id": f"https://lms.example/lessons/{number % 5}", "definition": definition},
    )


@pytest.mark.both_databases
def test_together__with_a_busy_lrs(
    lrs: Lrs, school: School, write: Write, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    count = size.resumed_statements // 4
    path = write("s", as_lines(about_the_same(number) for number in range(count)))
    statuses: list[int] = []
    is_over = threading.Event()

    def post() -> None:
        with lrs.client(school.tenant) as client:
            while not is_over.is_set():
                batch = [about_the_same(len(statuses) + number) for number in range(5)]
                statuses.append(client.post("/statements", json=batch).status_code)

    clients = [threading.Thread(target=post) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        counts = school.counts(path)
    finally:
        is_over.set()
        for client in clients:
            client.join()
    assert counts == (count, 0, 0)
    assert set(statuses) == {200}
    assert len(school.stored_ids()) == count + 5 * len(statuses)
    proof(imported=count, requests_meanwhile=len(statuses), refused=0)


def test_together__two_imports_of_one_file(school: School, write: Write, size: SimpleNamespace) -> None:
    count = size.resumed_statements // 4
    path = write("s", as_lines(about_the_same(number) for number in range(count)))
    processes = [
        school.lyceum.start(*school.command, str(path), "--rejects", str(path.with_name(f"r{number}")))
        for number in range(2)
    ]
    said = [process.communicate(timeout=PATIENCE) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert len(school.stored_ids()) == count
    assert list(path.parent.iterdir()) == [path]
