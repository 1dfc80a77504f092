"""What of a video is watched: segments in the order in which they are, decided before anything is played."""

from typing import Literal

import msgspec

from simulator.plans.study import Study
from simulator.world.things import Video

Close = Literal["pause", "seek", "end"]


class Segment(msgspec.Struct, frozen=True, gc=False):
    begin: int
    end: int
    close: Close


def decide(study: Study, film: Video, *, finish: bool) -> list[Segment]:
    """To the end, with a pause on the way and perhaps a look back; or only so far, perhaps with a jump ahead."""
    length = film.length
    if not finish:
        return _partly(study, length)
    found = [Segment(0, length, "end")]
    if study.chance(0.5):
        # Half seconds, so that it matters that what merely touches is joined.
        middle = study.draw(4, length // 1000 - 4) * 1000 + (500 if study.chance(0.5) else 0)
        found = [Segment(0, middle, "pause"), Segment(middle, length, "end")]
    if study.chance(0.3):
        back = _look_back(study, length)
        found = [Segment(0, back.end, "seek"), back, Segment(back.end, length, "end")]
    return found


def _look_back(study: Study, length: int) -> Segment:
    end = study.draw(length // 2000, length // 1000 - 10) * 1000
    return Segment(end - study.draw(5, min(60, end // 1000)) * 1000, end, "pause")


def _partly(study: Study, length: int) -> list[Segment]:
    whole = length // 1000
    stop = study.draw(5, whole * 2 // 3)
    if study.chance(0.4) and stop + 40 < whole:
        ahead = stop + study.draw(10, 30)
        end = study.draw(ahead + 5, whole - 1) * 1000
        return [Segment(0, stop * 1000, "seek"), Segment(ahead * 1000, end, "pause")]
    return [Segment(0, stop * 1000, "pause")]


def union(segments: list[tuple[int, int]]) -> int:
    """How much of the video was seen at all."""
    total = reached = 0
    for begin, end in sorted(segments):
        total += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return total
