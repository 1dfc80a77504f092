"""Videos: stretches per learner, single seconds per video."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import fmean

from tests.reference.engagement import Rows
from tests.reference.films import Film
from tests.reference.videos import Segment, Viewing, seconds, union


def segment_rows(found: Iterable[Viewing]) -> Rows:
    return [
        {
            "video": one.video, "course": one.course, "lesson": one.lesson, "learner": one.user, "viewing": one.name,
            "first_at": one.first_at, "segments": [[begin / 1000, end / 1000] for begin, end in one.segments],
            "watched_seconds": union(one.segments) / 1000, "share": one.share, "completed": one.completed,
        }
        for one in found
    ]  # fmt: skip


def second_rows(found: Iterable[Viewing]) -> Rows:
    watched: dict[str, Counter[int]] = defaultdict(Counter)
    learners: dict[str, Counter[int]] = defaultdict(Counter)
    for (video, _), segments in _by_learner(found).items():
        times = Counter(second for segment in segments for second in seconds(segment))
        watched[video] += times
        learners[video].update(times.keys())
    return [
        {"video": video, "second": second, "first_views": learners[video][second],
         "rewatches": times - learners[video][second]}
        for video, counted in watched.items()
        for second, times in counted.items()
    ]  # fmt: skip


def summary_rows(found: list[Viewing], known: dict[str, Film]) -> Rows:
    by_video: dict[str, list[Viewing]] = defaultdict(list)
    for one in found:
        by_video[one.video].append(one)
    return [_summary(video, viewings, known[video].length) for video, viewings in by_video.items()]


def _summary(video: str, viewings: list[Viewing], length: float | None) -> dict[str, object]:
    shares = [union(segments) / 1000 / length for segments in _by_learner(viewings).values() if length is not None]
    return {
        "video": video, "course": viewings[0].course, "lesson": viewings[0].lesson,
        "learners": len({one.user for one in viewings}), "viewings": len(viewings),
        "completed": len({one.user for one in viewings if one.completed}), "length": length,
        "mean_share": fmean(shares) if shares else None,
    }  # fmt: skip


def _by_learner(found: Iterable[Viewing]) -> dict[tuple[str, str], list[Segment]]:
    segments: dict[tuple[str, str], list[Segment]] = defaultdict(list)
    for one in found:
        segments[one.video, one.user] += one.segments
    return segments
