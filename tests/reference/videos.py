"""Which stretches of a video were watched."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tests.reference.deeds import Deed, History
from tests.reference.films import SEGMENTS, SESSION, THRESHOLD, TIME, TIME_FROM, Film
from tests.reference.sessions import Sessions
from tests.reference.statements import Statement, is_number

CLOSING = frozenset(("paused", "seeked", "ended"))
WATCHING = frozenset(("played", "paused", "seeked", "completed"))

# In milliseconds, so that a half of a second is one.
Segment = tuple[int, int]


class Whose(NamedTuple):
    user: str
    video: str
    # Of the name: registration, session, sitting.
    kind: str
    name: object


@dataclass(frozen=True)
class Viewing:
    user: str
    video: str
    course: str | None
    lesson: str | None
    # Registration or session id; None: what was watched in one sitting.
    name: str | None
    first_at: datetime
    segments: list[Segment]
    share: float | None
    completed: bool


def viewings(history: History, sittings: Sessions, known: dict[str, Film]) -> list[Viewing]:
    found: dict[Whose, list[Deed]] = defaultdict(list)
    for deed in history.deeds:
        video, user = deed.statement.object, deed.learner.user
        if deed.counts and deed.standing == "learner" and video in known and user is not None:
            found[Whose(user, video or "", *_name(deed, sittings))].append(deed)
    return [
        _viewing(whose, deeds, known[whose.video])
        for whose, deeds in found.items()
        if any(_is_watching(deed.statement) for deed in deeds)
    ]


def _is_watching(statement: Statement) -> bool:
    """To open a player is not yet a viewing."""
    return statement.kind in WATCHING or statement.said_in_result(SEGMENTS) is not None


def _name(deed: Deed, sittings: Sessions) -> tuple[str, object]:
    registration, session = deed.statement.context.get("registration"), deed.statement.said_in_context(SESSION)
    if registration is not None:
        return "registration", registration
    return ("session", session) if session is not None else ("sitting", sittings.number_of(deed))


def _viewing(whose: Whose, deeds: list[Deed], film: Film) -> Viewing:
    said = [deed.statement for deed in deeds]
    told = _told(said)
    segments = join_touching(_paired(said) if told is None else told)
    share = None if film.length is None else union(segments) / 1000 / film.length
    thresholds = [float(value) for one in said if is_number(value := one.said_in_context(THRESHOLD))]
    threshold = min(thresholds, default=film.threshold)
    place = deeds[0].place
    name = None if whose.kind == "sitting" else str(whose.name)
    return Viewing(
        whose.user, whose.video, place.course, place.lesson, name, said[0].at, segments, share,
        any(one.kind == "completed" for one in said) or (share is not None and share >= threshold),
    )  # fmt: skip


def _told(said: list[Statement]) -> list[Segment] | None:
    """The last counts, since each says all that was played until then."""
    texts = [text for one in said if isinstance(text := one.said_in_result(SEGMENTS), str)]
    return parse_segments(texts[-1]) if texts else None


def parse_segments(text: str) -> list[Segment]:
    found = []
    for part in text.split("[,]"):
        begin, _, end = part.partition("[.]")
        try:
            found.append((_milliseconds(float(begin)), _milliseconds(float(end))))
        except (ValueError, OverflowError):
            continue
    return [(begin, end) for begin, end in found if end > begin]


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _paired(said: list[Statement]) -> Iterator[Segment]:
    begin: float | None = None
    for statement in said:
        if statement.kind == "played":
            begin = statement.position(TIME)
        elif statement.kind in CLOSING:
            end = _end(statement)
            if begin is not None and end is not None and end > begin:
                yield _milliseconds(begin), _milliseconds(end)
            begin = None


def _end(statement: Statement) -> float | None:
    """A seek closes where it began."""
    found = statement.position(TIME_FROM) if statement.kind == "seeked" else None
    return statement.position(TIME) if found is None else found


def join_touching(segments: Iterable[Segment]) -> list[Segment]:
    """In the order of watching, for that is one who paused. Those that overlap stay apart: that is watching again."""
    joined: list[Segment] = []
    for begin, end in segments:
        if joined and joined[-1][1] == begin:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((begin, end))
    return sorted(joined)


def union(segments: Iterable[Segment]) -> int:
    total, reached = 0, 0
    for begin, end in sorted(segments):
        total += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def seconds(segment: Segment) -> Iterator[int]:
    """Those of which at least a half was played."""
    begin, end = segment
    for second in range(begin // 1000, math.ceil(end / 1000)):
        if min(end, (second + 1) * 1000) - max(begin, second * 1000) >= 500:
            yield second
