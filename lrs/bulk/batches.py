"""Statements of a file in batches, each written at once."""

from collections.abc import Iterable, Iterator

from lrs.bulk.judging import Candidate
from lrs.bulk.pieces import Piece, Place
from lrs.bulk.rejected import Rejected

MOST_STATEMENTS = 2_000
MOST_BYTES = 16 << 20


class Batch:
    """Written in rounds, nearly always one: a statement whose id came before in the batch waits for the next."""

    def __init__(self) -> None:
        self.rounds: list[dict[str, Candidate]] = []
        self.rejected: list[Rejected] = []
        self.following: Place | None = None
        self._count = 0
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return self._count >= MOST_STATEMENTS or self._bytes >= MOST_BYTES

    def add(self, piece: Piece, judged: Candidate | Rejected) -> None:
        self.following = piece.following
        self._count += 1
        self._bytes += len(piece.text or b"")
        if isinstance(judged, Rejected):
            self.rejected.append(judged)
        else:
            self._round_without(judged.accepted.id)[judged.accepted.id] = judged

    def _round_without(self, statement_id: str) -> dict[str, Candidate]:
        for candidates in self.rounds:
            if statement_id not in candidates:
                return candidates
        self.rounds.append({})
        return self.rounds[-1]


def gather(judged: Iterable[tuple[Piece, Candidate | Rejected]]) -> Iterator[Batch]:
    batch = Batch()
    for piece, result in judged:
        batch.add(piece, result)
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch.following is not None:
        yield batch
