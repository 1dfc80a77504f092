"""Metrics by a plain reading of their definitions, from what `reading` found."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from tests.unit.simulator.reading import EARLIEST, Lms, Said, extension

FIVE, THIRTY, ONE = timedelta(minutes=5), timedelta(minutes=30), timedelta(minutes=1)
CHOSEN = ("played", "paused", "seeked", "ended")


def lengths(said: list[Said]) -> dict[str, float]:
    """Of each video: the largest that any statement reports."""
    found: dict[str, float] = {}
    for one in said:
        length = extension(one.tree, "context", "length")
        if length is not None:
            iri = one.tree["object"]["id"]
            found[iri] = max(length, found.get(iri, 0))
    return found


def by_learner(said: list[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        if one.kind != "graded" and one.at >= EARLIEST:
            found[one.learner or one.actor].append(one)
    return found


def remaining(one: Said, known: dict[str, float]) -> timedelta | None:
    length = known.get(one.tree["object"]["id"])
    position = extension(one.tree, "result", "time")
    if one.kind != "played" or not length or position is None:
        return None
    return timedelta(seconds=max(0, length - position))


def sessions(said: list[Said], known: dict[str, float]) -> Iterator[list[Said]]:
    for statements in by_learner(said).values():
        current = [statements[0]]
        for one, following in pairwise(statements):
            if following.at - one.at > max(THIRTY, remaining(one, known) or THIRTY):
                yield current
                current = []
            current.append(following)
        yield current


def spans(session: list[Said], known: dict[str, float]) -> Iterator[tuple[Said, timedelta]]:
    for one, following in pairwise(session):
        left = remaining(one, known)
        yield one, min(following.at - one.at, FIVE if left is None else left)
    yield session[-1], ONE


def daily(said: list[Said], known: dict[str, float], zone: ZoneInfo) -> dict[tuple[str, str | None, str], list[float]]:
    found: dict[tuple[str, str | None, str], list[float]] = defaultdict(lambda: [0.0, 0])
    for session in sessions(said, known):
        for one, lasts in spans(session, known):
            who, begin, end = one.learner or one.actor, one.at, one.at + lasts
            found[begin.astimezone(zone).date().isoformat(), one.course, who][1] += 1
            while begin < end:
                day = begin.astimezone(zone).date()
                midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
                until = min(end, midnight.astimezone(end.tzinfo))
                found[day.isoformat(), one.course, who][0] += (until - begin).total_seconds()
                begin = until
    return found


def lesson_completions(said: list[Said], lms: Lms) -> dict[tuple[str, str], datetime]:
    found = dict(lms.lesson_rows)
    for one in said:
        if one.learner is None or one.is_group or not one.is_object or one.lesson is None:
            continue
        result = one.tree.get("result", {})
        is_done = one.kind in {"completed", "passed"} or result.get("completion") is True
        if (is_done and result.get("success") is not False) or one.kind == "waived":
            key = one.lesson, one.learner
            found[key] = min(one.at, found.get(key, one.at))
    return found


def viewings(said: list[Said], known: dict[str, float]) -> dict[tuple[str, str], list[list[tuple[float, float]]]]:
    """By learner and video: the segments of each viewing, those joined that merely touch one after the other."""
    found: dict[tuple[str, str, Any], list[Said]] = defaultdict(list)
    for number, session in enumerate(sessions(said, known)):
        for one in session:
            is_position = extension(one.tree, "result", "time") is not None or one.kind == "seeked"
            if one.learner is None or one.is_group or not is_position:
                continue
            context = one.tree["context"]
            key = context.get("registration") or extension(one.tree, "context", "session-id") or number
            found[one.learner or "", one.tree["object"]["id"], key].append(one)
    watched: dict[tuple[str, str], list[list[tuple[float, float]]]] = defaultdict(list)
    for (learner, video, _), statements in found.items():
        if learner:
            watched[learner, video].append(_segments(statements))
    return watched


def _segments(statements: list[Said]) -> list[tuple[float, float]]:
    told = [text for one in statements if (text := extension(one.tree, "result", "played-segments")) is not None]
    if told:
        pairs = [part.split("[.]") for part in told[-1].split("[,]")]
        return _joined([(float(begin), float(end)) for begin, end in pairs])
    found, opened = [], None
    for one in statements:
        if one.kind == "played":
            opened = extension(one.tree, "result", "time")
        elif one.kind in {"paused", "seeked", "ended"} and opened is not None:
            stop = extension(one.tree, "result", "time-from" if one.kind == "seeked" else "time")
            found.append((opened, stop))
            opened = None
    return _joined(found)


def _joined(segments: list[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for begin, end in segments:
        if found and found[-1][1] == begin:
            found[-1] = found[-1][0], end
        else:
            found.append((begin, end))
    return found


def seconds_watched(segments: list[tuple[float, float]], length: int) -> list[int]:
    """How many segments cover at least half of each second."""
    return [
        sum(min(end, second + 1) - max(begin, second) >= 0.5 for begin, end in segments) for second in range(length)
    ]


def first_answers(said: list[Said]) -> dict[tuple[str, str | None, str], Said]:
    found: dict[tuple[str, str | None, str], Said] = {}
    for one in said:
        if one.kind == "answered" and one.learner is not None and not one.is_group:
            found.setdefault((one.tree["object"]["id"], one.assessment, one.learner), one)
    return found
