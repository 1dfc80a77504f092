"""Consumers come to their partitions, whenever their polls end."""

from collections.abc import Callable
from contextlib import suppress

from kafka.errors import NoOffsetForPartitionError

from ingest.clients import Clients
from ingest.connections import Connections
from tests.harness.pipeline import Pipeline
from tests.harness.waiting import wait_until

STARTS = 15


def test_join__longer_than_a_poll(pipeline: Pipeline, proof: Callable[..., None]) -> None:
    settings = pipeline.server.model_copy(update={"kafka": pipeline.kafka})
    # Each poll ends at another step of the join.
    longest = max(
        _join(Clients(settings, Connections("")), pipeline.topics.statements, 20 + 10 * n) for n in range(STARTS)
    )
    proof(starts=STARTS, longest_join_in_s=longest)


def _join(clients: Clients, topic: str, poll_ms: int) -> float:
    consumer = clients.consumer(topic)

    def has_partitions() -> bool:
        # Where it stands, ingest asks the ledger.
        with suppress(NoOffsetForPartitionError):
            consumer.poll(timeout_ms=poll_ms)
        return len(consumer.assignment()) == 4

    try:
        consumer.subscribe([topic])
        return wait_until(has_partitions, 15)
    finally:
        consumer.close(autocommit=False, timeout_ms=5000)
