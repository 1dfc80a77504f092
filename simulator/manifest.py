"""What a simulation was made from, and what a Lyceum must be told of its tenants before it gets their statements."""

from pathlib import Path
from typing import Any

import msgspec

from simulator.moments import iso
from simulator.parameters import Parameters
from simulator.world.tenants import Tenant

NAME = "manifest.json"


def manifest(parameters: Parameters, tenants: list[Tenant]) -> dict[str, Any]:
    return {"parameters": msgspec.to_builtins(parameters), "tenants": [described(tenant) for tenant in tenants]}


def described(tenant: Tenant) -> dict[str, Any]:
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "time_zone": tenant.zone,
        "home_pages": tenant.sites.home_pages,
        "patterns": [msgspec.structs.asdict(pattern) for pattern in tenant.patterns],
        "starts_at": iso(tenant.start),
        "as_of": iso(tenant.as_of),
    }


def write_manifest(parameters: Parameters, tenants: list[Tenant], folder: Path) -> None:
    text = msgspec.json.format(msgspec.json.encode(manifest(parameters, tenants)), indent=2)
    (folder / NAME).write_bytes(text + b"\n")
