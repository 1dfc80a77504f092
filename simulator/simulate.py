"""A whole simulation into a folder: the manifest, the LMS, malformed statements, truths, and parcels into a sink."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from simulator.chance import source
from simulator.delivery.days import by_day
from simulator.delivery.parcels import Parcel
from simulator.malformed import malformed
from simulator.manifest import write_manifest
from simulator.parameters import Parameters
from simulator.run import build_tenants, play
from simulator.sinks.sink import Sink
from simulator.world.tenants import Tenant

Counts = dict[str, int]


def simulate(parameters: Parameters, folder: Path, sink: Sink, progress: Callable[[int], None] | None = None) -> Counts:
    """`progress` is told now and then how many statements there are."""
    tenants = build_tenants(parameters)
    folder.mkdir(parents=True, exist_ok=True)
    write_manifest(parameters, tenants, folder)
    if parameters.imperfections.malformed:
        for tenant in tenants:
            _write_malformed(parameters, tenant, folder)
    counts = {"statement": 0, "event": 0}
    for parcel in parcels(parameters, tenants, folder):
        sink.put(parcel)
        counts[parcel.content] += 1
        if progress is not None and counts["statement"] % 1000 == 0:
            progress(counts["statement"])
    sink.close()
    return counts


def parcels(parameters: Parameters, tenants: list[Tenant], folder: Path) -> Iterator[Parcel]:
    learner_by_learner = (parcel for tenant in tenants for parcel in play(parameters, tenant, folder))
    return by_day(learner_by_learner, folder) if parameters.order == "day" else learner_by_learner


def _write_malformed(parameters: Parameters, tenant: Tenant, folder: Path) -> None:
    target = folder / "malformed" / f"{tenant.slug}.ndjson"
    target.parent.mkdir(exist_ok=True)
    rng = source(parameters.seed, tenant.slug, "malformed")
    lines = [msgspec.json.encode(one) + b"\n" for one in malformed(tenant, rng)]
    target.write_bytes(b"".join(lines))
