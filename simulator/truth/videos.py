"""What of each video was watched, first and again."""

from collections import defaultdict
from itertools import accumulate

import msgspec

from simulator.moments import iso
from simulator.plans.facts import Facts, Viewing
from simulator.plans.scripts.watching import union
from simulator.truth.standing import standing
from simulator.truth.tables import Tables
from simulator.world.tenants import Tenant
from simulator.world.things import Video

USUAL_THRESHOLD = 0.95
SECOND, HALF = 1000, 500
Range = tuple[int, int]


class Watched(msgspec.Struct):
    course: str
    lesson: str | None
    video: Video
    learners: int = 0
    viewings: int = 0
    completed: int = 0
    shares: float = 0.0
    # Differences from second to second, of all coverings and of those by somebody for the first time.
    all: list[int] = []
    first: list[int] = []


class Videos:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.places = _places(tenant)
        self.watched: dict[str, Watched] = {}

    def add(self, facts: Facts, tables: Tables) -> None:
        by_video: dict[str, list[Viewing]] = defaultdict(list)
        for viewing in facts.viewings.values():
            by_video[viewing.video.iri].append(viewing)
        for iri, viewings in by_video.items():
            course, lesson = self.places[iri]
            if standing(facts, course) == "learner":
                self._add(facts, viewings, (course, lesson), tables)

    def _add(self, facts: Facts, viewings: list[Viewing], place: tuple[str, str | None], tables: Tables) -> None:
        video = viewings[0].video
        if video.iri not in self.watched:
            length = video.length // SECOND + 2
            self.watched[video.iri] = Watched(*place, video, all=[0] * length, first=[0] * length)
        watched = self.watched[video.iri]
        covered = [seconds for viewing in viewings for segment in joined(viewing) if (seconds := covers(segment))]
        for first, after in covered:
            watched.all[first] += 1
            watched.all[after] -= 1
        for first, after in merged(covered):
            watched.first[first] += 1
            watched.first[after] -= 1
        seen = union([segment for viewing in viewings for segment in viewing.segments])
        watched.learners += 1
        watched.viewings += len(viewings)
        watched.completed += any(is_completed(viewing) for viewing in viewings)
        watched.shares += seen / video.length
        for viewing in viewings:
            self._write(facts, viewing, place, tables)

    def _write(self, facts: Facts, viewing: Viewing, place: tuple[str, str | None], tables: Tables) -> None:
        seen, video = union(viewing.segments), viewing.video
        tables.write("fct_video_segments", {
            "video": video.iri, "course": place[0], "lesson": place[1], "learner": facts.learner_id,
            # A registration or a session of the profile's; else the sitting, which has no name outside.
            "viewing": None if viewing.key.startswith("session ") else viewing.key, "first_at": iso(viewing.first_at),
            "segments": [[begin / SECOND, end / SECOND] for begin, end in joined(viewing)],
            "watched_seconds": seen / SECOND, "share": seen / video.length if video.says_length else None,
            "completed": is_completed(viewing),
        })  # fmt: skip

    def finish(self, tables: Tables) -> None:
        for iri, watched in sorted(self.watched.items()):
            video = watched.video
            tables.write("video_summary", {
                "video": iri, "course": watched.course, "lesson": watched.lesson, "learners": watched.learners,
                "viewings": watched.viewings, "completed": watched.completed,
                "length": video.length / SECOND if video.says_length else None,
                "mean_share": watched.shares / watched.learners if video.says_length else None,
            })  # fmt: skip
            coverings = zip(accumulate(watched.all), accumulate(watched.first), strict=True)
            for second, (every, first) in enumerate(coverings):
                if every:
                    tables.write("mart_video_engagement", {
                        "video": iri, "second": second, "first_views": first, "rewatches": every - first,
                    })  # fmt: skip


def _places(tenant: Tenant) -> dict[str, tuple[str, str | None]]:
    found: dict[str, tuple[str, str | None]] = {}
    for course in tenant.courses.values():
        found |= {
            lesson.video.iri: (course.course_id, lesson.lesson_id)
            for lesson in course.lessons
            if lesson.video is not None
        }
        found |= {extra.iri: (course.course_id, None) for extra in course.extras}
    return found


def joined(viewing: Viewing) -> list[Range]:
    """A segment that begins where the one before ended goes on with it."""
    found: list[Range] = []
    for begin, end in viewing.segments:
        if found and found[-1][1] == begin:
            found[-1] = found[-1][0], end
        else:
            found.append((begin, end))
    return found


def covers(segment: Range) -> Range | None:
    """The seconds of which at least half lies within: the first, and the one after the last."""
    begin, end = segment
    first = begin // SECOND + (begin % SECOND > HALF)
    after = end // SECOND + (end % SECOND >= HALF)
    is_within_one = begin // SECOND == (end - 1) // SECOND
    if is_within_one and end - begin < HALF:
        return None
    return (first, after) if first < after else None


def merged(ranges: list[Range]) -> list[Range]:
    found: list[Range] = []
    for begin, end in sorted(ranges):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found


def is_completed(viewing: Viewing) -> bool:
    if viewing.is_completed:
        return True
    threshold = USUAL_THRESHOLD if viewing.threshold is None else viewing.threshold
    return viewing.video.says_length and union(viewing.segments) / viewing.video.length >= threshold
