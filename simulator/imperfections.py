"""What goes wrong on purpose, each by itself."""

import msgspec

from core.errors import UserError


class Imperfections(msgspec.Struct, frozen=True, kw_only=True):
    """True: it happens. How often is decided where it happens; the truth counts how often it did."""

    duplicates: bool = True
    late: bool = True
    disorder: bool = True
    skew: bool = True
    clock_ahead: bool = True
    clock_behind: bool = True
    voided: bool = True
    unmapped: bool = True
    strangers: bool = True
    twins: bool = True
    staff: bool = True
    visitors: bool = True
    groups: bool = True
    unknown_verbs: bool = True
    malformed: bool = True
    edges: bool = True


NAMES = tuple(Imperfections.__struct_fields__)


def without(names: list[str]) -> Imperfections:
    for name in names:
        if name not in NAMES:
            raise UserError(f"{name!r} is no imperfection.", f"Choose among {', '.join(NAMES)}, or all.")
    return Imperfections(**dict.fromkeys(names, False))
