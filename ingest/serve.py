"""`lyceum ingest serve`: statements in the main thread, domain events in one of their own, and what both need.

Apart, since whoever imports into the LMS tables has a tenant's turn for minutes, and no statement may wait for that.
"""

import signal
import threading
import time
from collections.abc import Sequence
from types import FrameType

import structlog
from psycopg import Error

from core.database.address import role_conninfo
from core.envelope import join
from core.errors import UserError
from core.kafka import quiet_client
from core.lms.records import join_events
from core.lms.staging import prepare_staging as prepare_events
from core.settings import Settings
from core.topics import topic_names
from core.writer.staging import prepare_staging as prepare_statements
from core.writer.vocabulary import Vocabulary
from ingest.backlog import Backlog
from ingest.connections import Connections
from ingest.dead_letters import DeadLetter, Note, notes
from ingest.drive import Drive, Kind
from ingest.ends import Ends
from ingest.events import EventBatch
from ingest.maintenance import Maintenance
from ingest.metrics import Server
from ingest.outbox import Outbox
from ingest.publishing import Message, Publishing
from ingest.report import Report
from ingest.statements import StatementBatch
from ingest.tenants import Tenants
from ingest.topic_watch import TopicWatch

ROLE = "lyceum_ingest"
CHECK_EVERY = 1.0
FROZEN_AFTER = "30 seconds"

# What was sent of them is written; or whoever sent them is long gone without saying where they end.
CLOSE_LOADS = """
update ingest.bulk_loads as load set closed_at = now()
where closed_at is null and case when ends is null then opened_at < now() - interval '1 day' else not exists (
    select from jsonb_each_text(ends) as sent
    left join ingest.ledger on ledger.topic_id = load.topic_id and ledger.topic_partition = sent.key::integer
    where coalesce(ledger.next_offset, 0) < sent.value::bigint
) end
"""

log = structlog.get_logger("ingest")


class Ingest:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connections = Connections(role_conninfo(settings.database, ROLE))
        self._stop = threading.Event()
        self._vocabulary = Vocabulary()
        self._report = Report()
        # One for each thread.
        self._publishing = [Publishing(settings.kafka), Publishing(settings.kafka)]
        statements = Kind(("statements", "bulk"), self._make_batch, prepare_statements)
        events = Kind(("events",), EventBatch, prepare_events)
        self._statement_drive = Drive(settings, self._connections, statements, self._publish, self._report)
        self._event_drive = Drive(settings, self._connections, events, self._publish_of_events, self._report)
        self._event_thread = threading.Thread(target=self._run_events, name="events", daemon=True)
        self._event_fault: Exception | None = None
        self._event_ends: Ends | None = None
        self._outbox = Outbox(self._connections, settings.kafka)
        self._maintenance = Maintenance(self._connections)
        self._backlog = Backlog(self._report.metrics)
        self._watch = TopicWatch(settings.kafka)
        self._server = Server(settings.ingest, self._report.metrics, lambda: self._report.is_running)
        self._checked_at = 0.0

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        quiet_client()
        self._server.start()
        log.info("ingest listens", port=self._server.port)
        self._connections.start()
        self._outbox.start()
        self._maintenance.start()
        self._event_thread.start()
        try:
            self._statement_drive.run(self._stop, self._check)
            self._refuse_fault()
        except UserError as error:
            self._report.wrong(error)
            self._leave("stopped")
            raise
        self._leave("ended")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _run_events(self) -> None:
        try:
            self._event_drive.run(self._stop, self._look_at_events)
        except Exception as fault:  # noqa: BLE001 - the main thread ends with it: a drive must not die unheard
            self._event_fault = fault
            self._stop.set()
        self._event_drive.close()

    def _look_at_events(self) -> None:
        if self._report.is_due:
            self._event_ends = self._event_drive.ends()

    def _refuse_fault(self) -> None:
        if self._event_fault is not None:
            raise self._event_fault

    def _check(self) -> None:
        now = time.monotonic()
        if now - self._checked_at < CHECK_EVERY:
            return
        self._checked_at = now
        connection = self._statement_drive.connected()
        connection.execute("select ingest.end_frozen_writers(%s)", [FROZEN_AFTER])
        connection.execute("select control.end_overlong_readers()")
        connection.execute(CLOSE_LOADS)
        lanes = [*self._statement_drive.lanes, *self._event_drive.lanes]
        self._watch.refuse_others({lane.topic: lane.source.topic_id for lane in lanes})
        self._report.metrics.outbox.set(self._outbox.sent)
        self._backlog.look_if_due(connection)
        if self._report.is_due:
            self._report.stands(lanes, self._all_ends())
            self._report.say(connection)

    def _all_ends(self) -> Ends:
        ends = self._statement_drive.ends()
        events = self._event_ends.offsets if self._event_ends is not None else {}
        return ends._replace(offsets={**ends.offsets, **events})

    def _make_batch(self, tenants: Tenants) -> StatementBatch:
        return StatementBatch(tenants, self._vocabulary)

    def _publish(self, letters: Sequence[DeadLetter]) -> None:
        self._send(self._publishing[0], notes(letters, join))

    def _publish_of_events(self, letters: Sequence[DeadLetter]) -> None:
        self._send(self._publishing[1], notes(letters, join_events))

    def _send(self, publishing: Publishing, found: Sequence[Note]) -> None:
        topic = topic_names(self._settings.kafka).dead_letters
        publishing.send([Message(topic, None, note.payload, note.headers) for note in found])

    def _leave(self, state: str) -> None:
        self._stop.set()
        self._event_thread.join()
        self._watch.close()
        self._outbox.stop()
        self._maintenance.stop()
        try:
            self._report.say(self._statement_drive.connected(), state)
        except Error as error:
            log.warning("could not say goodbye", error=str(error))
        self._statement_drive.close()
        self._connections.stop()
        for publishing in self._publishing:
            publishing.close()
        self._server.stop()


def serve(settings: Settings) -> None:
    Ingest(settings).run()
