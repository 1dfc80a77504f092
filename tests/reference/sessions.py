"""Sittings: what a learner did without a longer break, and how long it took."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.reference.deeds import Deed, History
from tests.reference.films import TIME, Film
from tests.reference.learners import Learner

BREAK = timedelta(minutes=30)
LONGEST = timedelta(minutes=5)
LAST = timedelta(minutes=1)
# Nobody plays for thirty years: more than that is no number to count with.
LONGEST_FILM = 1e9


@dataclass(frozen=True)
class Span:
    deed: Deed
    lasts: timedelta

    @property
    def begins(self) -> datetime:
        return self.deed.statement.at


@dataclass(frozen=True)
class Session:
    learner: Learner
    spans: list[Span]

    @property
    def started_at(self) -> datetime:
        return self.spans[0].begins

    @property
    def last_at(self) -> datetime:
        return self.spans[-1].begins

    @property
    def active(self) -> timedelta:
        return sum((span.lasts for span in self.spans), timedelta())


class Sessions:
    def __init__(self, history: History, known: dict[str, Film]) -> None:
        lengths = {iri: film.length for iri, film in known.items() if film.length is not None}
        self.all = [
            session for learner, deeds in history.by_learner.items() for session in _sessions(learner, deeds, lengths)
        ]
        self._numbers = {id(span.deed): number for number, one in enumerate(self.all) for span in one.spans}

    def number_of(self, deed: Deed) -> int | None:
        return self._numbers.get(id(deed))


def _remaining(deed: Deed, lengths: dict[str, float]) -> timedelta | None:
    """Of the video that was just started."""
    position = deed.statement.position(TIME)
    if deed.statement.kind != "played" or deed.statement.object not in lengths or position is None:
        return None
    return timedelta(seconds=max(0.0, min(LONGEST_FILM, lengths[deed.statement.object] - position)))


def _sessions(learner: Learner, deeds: list[Deed], lengths: dict[str, float]) -> Iterator[Session]:
    timed = [deed for deed in deeds if deed.statement.is_timed]
    spans: list[Span] = []
    for number, deed in enumerate(timed):
        remaining = _remaining(deed, lengths)
        gap = timed[number + 1].statement.at - deed.statement.at if number + 1 < len(timed) else None
        if gap is None or (gap > BREAK and (remaining is None or gap > remaining)):
            yield Session(learner, [*spans, Span(deed, LAST)])
            spans = []
        else:
            spans.append(Span(deed, min(gap, LONGEST if remaining is None else remaining)))
