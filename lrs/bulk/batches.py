"""Statements of a file in batches, each written at once."""

from collections.abc import Iterable, Iterator

from core.envelope import AcceptedStatement
from core.xapi.sameness import same_digest
from lrs.bulk.judging import Candidate
from lrs.bulk.pieces import Piece, Place
from lrs.bulk.rejected import Rejected, reject

MOST_STATEMENTS = 2_000
MOST_BYTES = 16 << 20
CONFLICT = "Another statement is stored under the same id."


class Batch:
    def __init__(self) -> None:
        self.candidates: dict[str, Candidate] = {}
        self.rejected: list[Rejected] = []
        self.repeated = 0
        self.following: Place | None = None
        self._count = 0
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return self._count >= MOST_STATEMENTS or self._bytes >= MOST_BYTES

    @property
    def statements(self) -> list[AcceptedStatement]:
        return [candidate.accepted for candidate in self.candidates.values()]

    def add(self, piece: Piece, judged: Candidate | Rejected) -> None:
        self.following = piece.following
        self._count += 1
        self._bytes += len(piece.text or b"")
        if isinstance(judged, Rejected):
            self.rejected.append(judged)
        else:
            self._add(judged)

    def _add(self, candidate: Candidate) -> None:
        accepted = candidate.accepted
        first = self.candidates.setdefault(accepted.id, candidate)
        if first is candidate:
            return
        if same_digest(first.accepted.record.digest, accepted.record.digest):
            self.repeated += 1
        else:
            self.rejected.append(reject(candidate.piece, "conflict", CONFLICT))


def gather(judged: Iterable[tuple[Piece, Candidate | Rejected]]) -> Iterator[Batch]:
    batch = Batch()
    for piece, result in judged:
        batch.add(piece, result)
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch.following is not None:
        yield batch
