"""What Prometheus sees of ingest, and whether it lives: a small server beside the work."""

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from core.errors import UserError
from core.settings import IngestSettings

SIZES = (1, 5, 20, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        given: dict[str, Any] = {"registry": self.registry}
        self.records = Counter("lyceum_ingest_records", "Records written.", ["lane"], **given)
        self.statements = Counter("lyceum_ingest_statements", "Statements written.", ["lane"], **given)
        self.events = Counter("lyceum_ingest_events", "Domain events written, or kept waiting.", **given)
        self.repeated = Counter("lyceum_ingest_repeated", "Statements that were stored before.", ["lane"], **given)
        self.late = Counter(
            "lyceum_ingest_late_records", "Records stored with a later time than the broker's.", ["lane"], **given
        )
        self.dead_letters = Counter("lyceum_ingest_dead_letters", "Dead letters.", ["reason"], **given)
        self.fenced = Counter("lyceum_ingest_fenced", "Batches given up to another consumer.", **given)
        self.batch = Histogram("lyceum_ingest_batch_size", "Of a batch.", ["lane"], buckets=SIZES, **given)
        self.seconds = Histogram(
            "lyceum_ingest_commit_seconds", "Time of a transaction.", ["lane"], buckets=SECONDS, **given
        )
        self.lag = Gauge("lyceum_ingest_lag_records", "Records not yet written.", ["topic", "partition"], **given)
        self.outbox = Gauge("lyceum_ingest_outbox_sent", "Envelopes sent from the outbox.", **given)
        self.outbox_waiting = Gauge(
            "lyceum_ingest_outbox_waiting", "Envelopes that wait for the broker; counted to 100,000.", **given
        )
        self.through = Gauge(
            "lyceum_ingest_written_through_timestamp_seconds", "All statements stored until then are written.", **given
        )
        # Not 1970, while it is not known.
        self.through.set(float("nan"))
        self.refresh_waiting = Gauge(
            "lyceum_ingest_refresh_waiting_seconds", "How long a batch has waited for a refresh to begin.", **given
        )
        self.running = Gauge("lyceum_ingest_running", "1 where database and broker are there, else 0.", **given)
        ProcessCollector(**given)


class _Quiet(WSGIRequestHandler):
    # For each read: who connects and says nothing is let go.
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is given
        pass


class Server:
    def __init__(self, settings: IngestSettings, metrics: Metrics, is_ready: Callable[[], bool]) -> None:
        show = make_wsgi_app(metrics.registry)

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] != "GET":
                return _say(start_response, "405 Method Not Allowed", b'{"error":"method_not_allowed"}')
            match environ.get("PATH_INFO"):
                case "/metrics":
                    found: Iterable[bytes] = show(environ, start_response)
                    return found
                case "/health/live":
                    return _say(start_response, "200 OK", b'{"status":"ok"}')
                case "/health/ready" if is_ready():
                    return _say(start_response, "200 OK", b'{"status":"ok"}')
                case "/health/ready":
                    return _say(start_response, "503 Service Unavailable", b'{"status":"unavailable"}')
            return _say(start_response, "404 Not Found", b'{"error":"not_found"}')

        try:
            # A thread for each, so that nobody who is slow keeps out who asks whether it lives.
            self._server = make_server(settings.host, settings.port or 0, answer, ThreadingWSGIServer, _Quiet)
        except OSError as error:
            raise UserError(
                f"ingest cannot listen on {settings.host}:{settings.port}: {error.strerror}.",
                "Set LYCEUM_INGEST_PORT to a free port.",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _say(start_response: Callable[..., Any], status: str, body: bytes) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Allow", "GET")])
    return [body]
