"""Which of several languages a reader wants: Accept-Language (RFC 2616, 14.4), applied to each language map."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_RANGE = re.compile(r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:\s*;\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?))?", re.ASCII)
# Each is compared with each language of each name.
MOST_RANGES = 50


class Wanted(NamedTuple):
    range: str
    quality: float


def parse_accept_language(header: str) -> list[Wanted]:
    """What is not understood is left out: a header is a wish, not data."""
    matches = (_RANGE.fullmatch(part.strip()) for part in header.split(",", MOST_RANGES)[:MOST_RANGES])
    return [Wanted(match[1].lower(), float(match[2] or 1)) for match in matches if match]


def choose_language(tags: Iterable[str], wanted: list[Wanted]) -> str | None:
    """None only if there are no tags: somebody who wants Danish is still better served by English than by nothing."""
    known = list(tags)
    acceptable = [(tag, quality) for tag in known if (quality := _quality(tag.lower(), wanted))]
    if acceptable:
        return max(acceptable, key=lambda each: each[1])[0]
    for want in sorted(wanted, key=lambda each: -each.quality):
        for tag in known:
            if want.quality and want.range.startswith(f"{tag.lower()}-"):
                return tag
    return known[0] if known else None


def _quality(tag: str, wanted: list[Wanted]) -> tuple[float, int, int] | None:
    """Of the longest range that matches; among equals the more exact and then the earlier one is preferred."""
    matching = [
        (0 if want.range == "*" else len(want.range), -position, want.quality)
        for position, want in enumerate(wanted)
        if want.range in ("*", tag) or tag.startswith(f"{want.range}-")
    ]
    if not matching:
        return None
    length, position, quality = max(matching)
    return (quality, length, position) if quality else None
