"""A file's statements on their way in: read and judged here while the batch before them is written."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core.envelope import Envelope
from lrs.bulk.attached import KeptData
from lrs.bulk.batches import Batch, gather
from lrs.bulk.checkpoint import Checkpoint, save_checkpoint
from lrs.bulk.counts import Counts
from lrs.bulk.judging import Candidate, Terms, judge
from lrs.bulk.pieces import Piece, read_pieces
from lrs.bulk.rejected import Rejected, RejectsFile, reject
from lrs.bulk.sink import Outcome, Sink
from lrs.bulk.source import Source

CONFLICT = "Another statement is stored under the same id."

# How far it has come, and how many bytes of the file were read.
OnProgress = Callable[[Counts, int], None]


class Run:
    """`checkpoint` says where it begins, and is kept in `checkpoint_file`, if there is one."""

    def __init__(
        self,
        source: Source,
        terms: Terms,
        rejects: RejectsFile,
        checkpoint: Checkpoint,
        checkpoint_file: Path | None = None,
    ) -> None:
        self.source = source
        self.rejects = rejects
        self.began_with = checkpoint.counts
        self._terms = terms
        self._checkpoint = checkpoint
        self._checkpoint_file = checkpoint_file
        self._written: tuple[Batch, Future[list[Outcome]]] | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """After the batch that is being written: an interruption at any moment could fall between a commit and its
        record."""
        self._is_stopped = True

    @property
    def counts(self) -> Counts:
        return self._checkpoint.counts

    def import_all(self, sink: Sink, kept: KeptData, on_progress: OnProgress) -> None:
        """Whenever and however it is interrupted, it goes on at the checkpoint."""
        self._save()
        with ThreadPoolExecutor(1, "sink") as writer:
            try:
                for batch in gather(self._judged(kept)):
                    self._settle(on_progress)
                    if self._is_stopped:
                        raise KeyboardInterrupt
                    self._written = batch, writer.submit(self._write, sink, batch)
            finally:
                self._settle(on_progress)
        if self._checkpoint_file:
            self._checkpoint_file.unlink(missing_ok=True)

    def _judged(self, kept: KeptData) -> Iterator[tuple[Piece, Candidate | Rejected]]:
        for piece in read_pieces(self.source, self._checkpoint.place, self._terms.most_bytes):
            yield piece, judge(piece, self._terms, kept)

    def _write(self, sink: Sink, batch: Batch) -> list[Outcome]:
        return [self._write_round(sink, list(candidates.values())) for candidates in batch.rounds]

    def _write_round(self, sink: Sink, candidates: list[Candidate]) -> Outcome:
        credential, now, outcome = self._terms.credential, datetime.now(UTC), Outcome()
        for version in self._terms.versions:
            statements = [one.accepted for one in candidates if one.version is version]
            if statements:
                envelope = Envelope(credential.tenant_id, credential.credential_id, now, statements, version=version)
                outcome = outcome.plus(sink.write(envelope))
        return outcome

    def _settle(self, on_progress: OnProgress) -> None:
        if self._written is None:
            return
        batch, future = self._written
        wait([future])
        self._written = None
        self._record(batch, future.result())
        on_progress(self.counts, self.source.bytes_read)

    def _record(self, batch: Batch, outcomes: list[Outcome]) -> None:
        refused = [one for round_ in zip(batch.rounds, outcomes, strict=True) for one in _refused(*round_)]
        rejected = sorted([*batch.rejected, *refused], key=lambda one: one.position)
        stored = sum(outcome.fresh for outcome in outcomes)
        repeated = sum(outcome.repeated for outcome in outcomes)
        self._checkpoint = msgspec.structs.replace(
            self._checkpoint,
            place=batch.following,
            counts=self.counts.plus(stored, repeated, len(rejected)),
            rejects_bytes=self.rejects.add(rejected) if rejected else self._checkpoint.rejects_bytes,
        )
        self._save()

    def _save(self) -> None:
        if self._checkpoint_file:
            save_checkpoint(self._checkpoint_file, self._checkpoint)


def _refused(candidates: Mapping[str, Candidate], outcome: Outcome) -> Iterator[Rejected]:
    for statement_id in outcome.conflicts:
        yield reject(candidates[statement_id].piece, "conflict", CONFLICT)
    for statement_id, message in outcome.refused.items():
        yield reject(candidates[statement_id].piece, "refused", message)
