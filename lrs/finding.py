"""Finds a page: asks each way to match, and looks for references only as far as the page reaches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lrs.database import Database, Snapshot
from lrs.queries import BODIES, matching, nearest_references, referring_down, referring_up
from lrs.selection import Selection

# Up to so many references, it is cheaper to look at what each refers to than at all that refers to what matches.
FEW_REFERENCES = 100

Key = tuple[datetime, str]


class Row(NamedTuple):
    stored: datetime
    statement_id: str
    body: bytes


async def find(database: Database, tenant_id: int, selection: Selection, given: Mapping[str, Any]) -> list[Row]:
    """In order, and one more than asked for, if there is."""
    ways = matching(selection)
    references = [nearest_references(selection, FEW_REFERENCES + 1)] if selection.has_filter else []
    async with database.snapshot(tenant_id, plan_anew=selection.is_own_only) as snapshot:
        answers = await snapshot.ask(given, *ways, *references)
        page = _Page(selection)
        for rows in answers[: len(ways)]:
            page.add(rows)
        if references:
            await _add_referring(snapshot, selection, given, page, [stored for (stored,) in answers[-1]])
        return await _with_bodies(snapshot, page)


class _Page:
    def __init__(self, selection: Selection) -> None:
        self._most = selection.limit + 1
        self._ascending = selection.ascending
        self.found: dict[Key, bytes | None] = {}

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        for stored, statement_id, *body in rows:
            key = (stored, statement_id)
            self.found[key] = self.found.get(key) or (body[0] if body else None)

    @property
    def keys(self) -> list[Key]:
        return sorted(self.found, reverse=not self._ascending)[: self._most]

    @property
    def bound(self) -> datetime | None:
        """Where a full page ends: nothing beyond can come onto it."""
        keys = self.keys
        return keys[-1][0] if len(keys) == self._most else None

    def reaches(self, stored: datetime, bound: datetime | None) -> bool:
        return bound is None or (stored <= bound if self._ascending else stored >= bound)


async def _add_referring(
    snapshot: Snapshot, selection: Selection, given: Mapping[str, Any], page: _Page, nearest: list[datetime]
) -> None:
    bound = page.bound
    near = [stored for stored in nearest if page.reaches(stored, bound)]
    if not near:
        return
    query = referring_down if len(near) <= FEW_REFERENCES else referring_up
    (rows,) = await snapshot.ask({**given, "bound": bound}, query(selection, bounded=bound is not None))
    page.add(rows)


async def _with_bodies(snapshot: Snapshot, page: _Page) -> list[Row]:
    keys = page.keys
    missing = [key for key in keys if page.found[key] is None]
    if missing:
        times, ids = zip(*missing, strict=True)
        (rows,) = await snapshot.ask({"times": list(times), "ids": list(ids)}, BODIES)
        page.add(rows)
    return [Row(stored, statement_id, page.found[stored, statement_id] or b"") for stored, statement_id in keys]
