"""What somebody wants imported, and how; put together for the run."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from core.errors import UserError
from core.settings import Settings
from core.xapi.versions import Version
from lrs.bulk.attached import KeptData
from lrs.bulk.checkpoint import Checkpoint, checkpoint_path, describe, load_checkpoint
from lrs.bulk.importing import OnProgress, Run
from lrs.bulk.judging import Terms
from lrs.bulk.knocking import connect_lrs, find_writer
from lrs.bulk.rejected import RejectsFile
from lrs.bulk.sink import DatabaseSink, Nowhere, Sink
from lrs.bulk.source import Source, open_source
from lrs.bulk.wording import in_words
from lrs.credentials import Credential
from lrs.storage import open_storage

MIB = 1 << 20
GO_ON = "What was committed is kept. Run the same command again to go on."


class Order(NamedTuple):
    path: Path
    tenant: str
    key_id: str
    rejects: Path
    versions: Sequence[Version] = (Version.V1,)
    keeps_authority: bool = False
    keeps_stored: bool = False
    is_dry: bool = False
    resumes: bool = True

    @property
    def options(self) -> list[str]:
        """A run with others would not be the same."""
        flags = {"keep-authority": self.keeps_authority, "keep-stored": self.keeps_stored}
        return [self.key_id, *(version.value for version in self.versions), *(name for name, on in flags.items() if on)]


class Opened(NamedTuple):
    run: Run
    sink: Sink
    kept: KeptData
    # What somebody should know before it begins.
    note: str | None

    def import_all(self, on_progress: OnProgress) -> None:
        self.run.import_all(self.sink, self.kept, on_progress)


@contextmanager
def open_import(settings: Settings, order: Order) -> Iterator[Opened]:
    with ExitStack() as stack, in_words(GO_ON):
        connection = stack.enter_context(connect_lrs(settings.database))
        credential = find_writer(connection, order.tenant, order.key_id)
        terms = Terms(
            credential, order.versions, settings.lrs.max_body_mb * MIB, order.keeps_authority, order.keeps_stored
        )
        source = stack.enter_context(open_source(order.path))
        checkpoint, checkpoint_file, note = _begin(order, source)
        rejects = RejectsFile(order.rejects, checkpoint.rejects_bytes)
        stack.callback(rejects.close)
        run = Run(source, terms, rejects, checkpoint, checkpoint_file)
        sink = Nowhere() if order.is_dry else _open_sink(settings, credential, stack)
        kept = KeptData(connection, credential, lambda: open_storage(settings.lrs.attachments, settings.home))
        yield Opened(run, sink, kept, note)


def _open_sink(settings: Settings, credential: Credential, stack: ExitStack) -> Sink:
    connection = stack.enter_context(connect_lrs(settings.database))
    if not settings.lrs.publish or settings.kafka.bootstrap is None:
        return DatabaseSink(connection)
    from lrs.bulk.topic_sink import TopicSink  # noqa: PLC0415 - the client of Kafka takes a while to load

    sink = TopicSink(settings, connection, credential)
    stack.callback(sink.close)
    return sink


def _begin(order: Order, source: Source) -> tuple[Checkpoint, Path | None, str | None]:
    new = Checkpoint(describe(source, order.tenant, order.options, order.rejects))
    if source.path is None:
        return new, None, None
    path = checkpoint_path(source.path, order.tenant)
    found = load_checkpoint(path)
    if order.is_dry:
        _refuse_taken(order, found)
        return new, None, None
    if found is None or not order.resumes:
        return new, path, None
    if found.fits(new.of):
        return found, path, f"Going on after {found.counts.read:,} statements; --restart would begin anew."
    return new, path, f"Beginning anew: {path} is of another file, of other options, or its rejects are gone."


def _refuse_taken(order: Order, found: Checkpoint | None) -> None:
    if found and Path(found.of.rejects) == order.rejects.absolute():
        raise UserError(
            f"An import that has not ended keeps its rejected statements in {order.rejects}.",
            "Name another file for those of the dry run: --rejects.",
        )
