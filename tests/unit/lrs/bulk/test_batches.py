import json
from typing import Any

from lrs.bulk import batches
from lrs.bulk.batches import Batch, gather
from lrs.bulk.judging import Candidate
from lrs.bulk.pieces import Piece, Place
from lrs.bulk.rejected import Rejected, reject
from tests.harness.statements import accept, make_statement


def judged(position: int, statement: dict[str, Any]) -> tuple[Piece, Candidate | Rejected]:
    text = json.dumps(statement).encode()
    piece = Piece(position + 1, position, 0, text, None, Place("lines", 0, position + 2, position + 1))
    return piece, Candidate(piece, accept(1, statement))


def rejected(position: int) -> tuple[Piece, Candidate | Rejected]:
    piece = Piece(position + 1, position, 0, b"{", None, Place("lines", 0, position + 2, position + 1))
    return piece, reject(piece, "malformed", "why")


def only(found: list[Batch]) -> Batch:
    (batch,) = found
    return batch


def test_gather__the_same_statement_twice_is_written_once() -> None:
    statement = make_statement()
    batch = only(list(gather([judged(0, statement), judged(1, statement)])))
    assert [one.id for one in batch.statements] == [statement["id"]]
    assert (batch.repeated, batch.rejected) == (1, [])


def test_gather__another_statement_under_an_id_of_the_batch_is_a_conflict() -> None:
    statement = make_statement()
    other = {**statement, "object": {"id": "https://lms.example/lessons/2"}}
    batch = only(list(gather([judged(0, statement), judged(1, other), judged(2, make_statement())])))
    assert len(batch.statements) == 2
    assert [(one.position, one.id, one.reason) for one in batch.rejected] == [(1, statement["id"], "conflict")]


def test_gather__batches_are_bounded_in_number_and_know_where_they_end() -> None:
    found = list(gather(judged(number, make_statement()) for number in range(batches.MOST_STATEMENTS + 1)))
    assert [len(batch.statements) for batch in found] == [batches.MOST_STATEMENTS, 1]
    ends = [batch.following.position for batch in found if batch.following]
    assert ends == [batches.MOST_STATEMENTS, batches.MOST_STATEMENTS + 1]


def test_gather__batches_are_bounded_in_bytes() -> None:
    large = make_statement(result={"response": "x" * (batches.MOST_BYTES // 2)})
    found = list(gather(judged(number, {**large, "id": make_statement()["id"]}) for number in range(3)))
    assert [len(batch.statements) for batch in found] == [2, 1]


def test_gather__a_batch_of_rejected_ones_only() -> None:
    batch = only(list(gather([rejected(0), rejected(1)])))
    assert (batch.statements, len(batch.rejected)) == ([], 2)
    assert list(gather([])) == []
