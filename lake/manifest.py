"""What a tenant's lake consists of. It is replaced in one step, with its position: what is not in it does not count."""

from datetime import datetime
from uuid import UUID

import msgspec

from lake.store import Store

# Another number: all files are written again.
FORMAT = 1


class Part(msgspec.Struct, frozen=True):
    """One month of a table, or all of it. `state` says which rows it was made of."""

    path: str
    rows: int
    bytes: int
    state: str


class Described(msgspec.Struct, frozen=True):
    name: str
    # As Arrow writes it.
    type: str
    description: str | None = None


class Contents(msgspec.Struct, frozen=True):
    """One table: what it looks like, and its parts by month."""

    description: str | None
    columns: list[Described]
    parts: dict[str, Part]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts.values())


class Replaced(msgspec.Struct, frozen=True):
    path: str
    at: datetime


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    tenant: UUID
    exported_at: datetime
    # All batches up to this number are in it.
    position: int
    # The refresh of which the marts are.
    marts_as_of: datetime | None = None
    # What the lake was called when the catalogue was made.
    root: str = ""
    tables: dict[str, Contents] = {}
    replaced: list[Replaced] = []
    format: int = FORMAT

    @property
    def paths(self) -> set[str]:
        return {part.path for contents in self.tables.values() for part in contents.parts.values()}


def read_manifest(store: Store, slug: str) -> Manifest | None:
    """None, too, of what another version wrote: its files are leftovers then."""
    content = store.read(manifest_path(slug))
    if content is None:
        return None
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError:
        return None
    return manifest if manifest.format == FORMAT else None


def write_manifest(store: Store, slug: str, manifest: Manifest) -> None:
    store.put(manifest_path(slug), msgspec.json.format(msgspec.json.encode(manifest)))


def manifest_path(slug: str) -> str:
    return f"{slug}/manifest.json"


def catalogue_path(slug: str) -> str:
    return f"{slug}/catalogue.duckdb"
