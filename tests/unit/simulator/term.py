"""A simulated term and what it says of itself."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from simulator.parameters import Parameters
from tests.unit.simulator import law
from tests.unit.simulator.reading import Lms, Matching, Said, lines, read_lms, read_statements


@dataclass
class Term:
    parameters: Parameters
    folder: Path

    @cached_property
    def tenants(self) -> "list[TenantTerm]":
        described = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))["tenants"]
        return [TenantTerm(self.folder, one) for one in described]


@dataclass
class TenantTerm:
    folder: Path
    described: dict[str, Any]

    @property
    def slug(self) -> str:
        return str(self.described["slug"])

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.described["time_zone"])

    def truth(self, mart: str) -> list[dict[str, Any]]:
        return lines(self.folder / "truth" / self.slug / f"{mart}.ndjson")

    @cached_property
    def lms(self) -> Lms:
        return read_lms(self.folder, self.slug)

    @cached_property
    def said(self) -> list[Said]:
        return read_statements(self.folder, self.slug, Matching(self.lms, self.described))

    @cached_property
    def lengths(self) -> dict[str, float]:
        return law.lengths(self.said)

    def is_learner(self, user: str | None, course: str | None) -> bool:
        """Enrolled, and no staff."""
        if user is None or self.lms.users[user]["role"] != "student":
            return False
        return (course, user) in self.lms.enrolments
