"""What a simulation is made from. Equal parameters make equal bytes."""

from datetime import date
from typing import Literal
from zoneinfo import available_timezones

import msgspec

from core.errors import UserError
from core.tenants import SLUG
from simulator.imperfections import Imperfections

START = date(2026, 8, 31)
WEEKS = 11
FEWEST_WEEKS = 6
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC")

Order = Literal["learner", "day"]


class TenantName(msgspec.Struct, frozen=True):
    slug: str
    zone: str


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    seed: int = 1
    tenants: tuple[TenantName, ...] = (TenantName("riverside", ZONES[0]),)
    # A Monday is usual; the term is longer than what is simulated of it, so that much is still under way.
    start: date = START
    weeks: int = WEEKS
    # One of the two, for all tenants together.
    statements: int | None = None
    learners: int | None = None
    order: Order = "learner"
    imperfections: Imperfections = Imperfections()
    # Puts into each statement when it arrived, for imports that keep that time.
    stored: bool = False
    # Writes down what each statement is, one by one.
    trace: bool = False


def checked(parameters: Parameters) -> Parameters:
    if parameters.weeks < FEWEST_WEEKS:
        raise UserError(
            f"{parameters.weeks} weeks are too short a term.",
            f"Simulate at least {FEWEST_WEEKS}: courses change in it.",
        )
    if (parameters.statements is None) == (parameters.learners is None):
        raise UserError("How much is not said, or said twice.", "Give either --statements or --learners.")
    for tenant in parameters.tenants:
        _check_tenant(tenant)
    if len({tenant.slug for tenant in parameters.tenants}) < len(parameters.tenants):
        raise UserError("A tenant is named twice.", "Give each --tenant once.")
    return parameters


def _check_tenant(tenant: TenantName) -> None:
    if not SLUG.fullmatch(tenant.slug):
        raise UserError(f"{tenant.slug!r} cannot be a tenant's slug.", "Use 1 to 63 of a-z, 0-9 and hyphens.")
    if tenant.zone not in available_timezones():
        raise UserError(f"{tenant.zone!r} is no time zone.", "Use a name such as Europe/Berlin or UTC.")
