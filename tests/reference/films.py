"""What is known of videos: from all statements about one, whoever they are from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tests.reference.statements import Statement, is_number

VIDEO = "https://w3id.org/xapi/video"
LENGTH = f"{VIDEO}/extensions/length"
THRESHOLD = f"{VIDEO}/extensions/completion-threshold"
SESSION = f"{VIDEO}/extensions/session-id"
SEGMENTS = f"{VIDEO}/extensions/played-segments"
TIME = f"{VIDEO}/extensions/time"
TIME_FROM = f"{VIDEO}/extensions/time-from"
USUAL_THRESHOLD = 0.95


@dataclass(frozen=True)
class Film:
    """What all statements about a video say of it, whoever they are from."""

    # None: nobody knows.
    length: float | None
    threshold: float


def films(statements: Iterable[Statement]) -> dict[str, Film]:
    lengths: dict[str, list[float]] = defaultdict(list)
    thresholds: dict[str, list[float]] = defaultdict(list)
    watched = set()
    for statement in statements:
        if statement.object is None:
            continue
        length, threshold = statement.said_in_context(LENGTH), statement.said_in_context(THRESHOLD)
        if is_number(length) and length > 0:
            lengths[statement.object].append(float(length))
        if is_number(threshold):
            thresholds[statement.object].append(float(threshold))
        if _is_of_video(statement):
            watched.add(statement.object)
    return {
        iri: Film(max(lengths.get(iri, []), default=None), min(thresholds.get(iri, []), default=USUAL_THRESHOLD))
        for iri in watched | lengths.keys()
    }


def _is_of_video(statement: Statement) -> bool:
    if statement.definition.get("type") == f"{VIDEO}/activity-type/video":
        return True
    return statement.kind in {"played", "paused", "seeked"} or statement.said_in_result(SEGMENTS) is not None
