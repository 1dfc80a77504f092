"""What a test may kill and freeze by its name: servers and processes of the pipeline alike."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from tests.harness.own_servers import OwnServers
from tests.harness.pipeline import Pipeline


class Victim(Protocol):
    def kill(self) -> None: ...

    def restart(self) -> None: ...

    def wait_ready(self) -> object: ...

    def freeze(self) -> None: ...

    def go_on(self) -> None: ...


def victims_of(servers: OwnServers, pipeline: Pipeline) -> dict[str, Victim]:
    (lrs,), (ingest,) = pipeline.lrs, pipeline.ingest
    return {"lrs": lrs, "ingest": ingest, "broker": servers.broker, "database": servers.database}


def kill_at_once(victims: Sequence[Victim]) -> None:
    with ThreadPoolExecutor(len(victims)) as threads:
        list(threads.map(lambda victim: victim.kill(), victims))


def restart_all(victims: Sequence[Victim]) -> None:
    """As the supervisor does it with what died: none waits for another."""
    for victim in victims:
        victim.restart()
    for victim in victims:
        victim.wait_ready()
