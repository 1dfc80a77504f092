import json
from typing import Any

from core.xapi.versions import Version
from lrs.bulk import batches
from lrs.bulk.batches import Batch, gather
from lrs.bulk.judging import Candidate
from lrs.bulk.pieces import Piece, Place
from lrs.bulk.rejected import Rejected, reject
from tests.harness.statements import accept, make_statement


def judged(position: int, statement: dict[str, Any]) -> tuple[Piece, Candidate | Rejected]:
    text = json.dumps(statement).encode()
    piece = Piece(position + 1, position, 0, text, None, Place("lines", 0, position + 2, position + 1))
    return piece, Candidate(piece, accept(1, statement), Version.V1)


def rejected(position: int) -> tuple[Piece, Candidate | Rejected]:
    piece = Piece(position + 1, position, 0, b"{", None, Place("lines", 0, position + 2, position + 1))
    return piece, reject(piece, "malformed", "why")


def only(found: list[Batch]) -> Batch:
    (batch,) = found
    return batch


def positions(batch: Batch) -> list[list[int]]:
    return [[candidate.piece.position for candidate in candidates.values()] for candidates in batch.rounds]


def test_gather__an_id_stands_once_in_a_round_and_in_order() -> None:
    one, other = make_statement(), make_statement()
    changed = {**one, "object": {"id": "https://lms.example/lessons/2"}}
    batch = only(list(gather([judged(0, one), judged(1, changed), judged(2, other), judged(3, one)])))
    assert positions(batch) == [[0, 2], [1], [3]]


def test_gather__batches_are_bounded_in_number_and_know_where_they_end() -> None:
    found = list(gather(judged(number, make_statement()) for number in range(batches.MOST_STATEMENTS + 1)))
    assert [[len(one) for one in batch.rounds] for batch in found] == [[batches.MOST_STATEMENTS], [1]]
    ends = [batch.following.position for batch in found if batch.following]
    assert ends == [batches.MOST_STATEMENTS, batches.MOST_STATEMENTS + 1]


def test_gather__batches_are_bounded_in_bytes() -> None:
    large = make_statement(result={"response": "x" * (batches.MOST_BYTES // 2)})
    found = list(gather(judged(number, {**large, "id": make_statement()["id"]}) for number in range(3)))
    assert [[len(one) for one in batch.rounds] for batch in found] == [[2], [1]]


def test_gather__a_batch_of_rejected_ones_only() -> None:
    batch = only(list(gather([rejected(0), rejected(1)])))
    assert (batch.rounds, len(batch.rejected)) == ([], 2)
    assert list(gather([])) == []
