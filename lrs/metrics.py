"""What Prometheus sees of the LRS. Of this worker: behind one port with several, each answers for itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from lrs.database import Database
from lrs.rate import Rate

BUCKETS = (0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    def __init__(self, database: Database) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lyceum_lrs_requests", "Requests answered.", ["resource", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "lyceum_lrs_request_seconds",
            "Time to answer.",
            ["resource", "method"],
            registry=self.registry,
            buckets=BUCKETS,
        )
        self.statements = Counter(
            "lyceum_lrs_statements", "Statements accepted, repeated ones included.", ["tenant"], registry=self.registry
        )
        self.rate = Rate()
        self.handed_over = Counter(
            "lyceum_lrs_handed_over",
            "Requests with statements, by the way they went: published, through, or known.",
            ["way"],
            registry=self.registry,
        )
        self.visible = Counter(
            "lyceum_lrs_published_requests",
            "Published requests, by whether they could be read when they were answered.",
            ["readable"],
            registry=self.registry,
        )
        self.rejects = Counter("lyceum_lrs_rejects", "Requests refused.", ["reason"], registry=self.registry)
        for name, key in (("size", "pool_size"), ("idle", "pool_available"), ("waiting", "requests_waiting")):
            gauge = Gauge(f"lyceum_lrs_pool_{name}", f"Reading connections: {name}.", registry=self.registry)
            gauge.set_function(lambda key=key: database.pool_stats().get(key, 0))  # type: ignore[misc]
        ProcessCollector(registry=self.registry)

    def accepted(self, tenant: str, statements: int) -> None:
        self.statements.labels(tenant).inc(statements)
        self.rate.add(statements)

    def routes(self) -> list[BaseRoute]:
        async def show(_: Request) -> Response:
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return [Route("/metrics", show)]
