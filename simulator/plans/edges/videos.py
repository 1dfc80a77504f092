"""Segments that touch, overlap and just suffice; plays that nobody closes."""

from simulator.dialects import video
from simulator.moments import SECOND
from simulator.plans.edges.probe import Probe
from simulator.plans.scripts.video import Player
from simulator.plans.scripts.watching import Segment
from simulator.plans.steps import Watching
from simulator.world.things import Lesson


def _open(probe: Probe, lesson: Lesson, day: int) -> Player:
    probe.line.begin(probe.tenant.days.at(day, 9))
    if lesson.video is None:
        raise TypeError(f"{lesson.lesson_id} has no video")
    return Player(probe.study, lesson, lesson.video, lesson.place, probe.study.visit(lesson))


def _enrol(probe: Probe) -> None:
    probe.enrol("films", probe.tenant.start + 3600 * SECOND)


def touching(probe: Probe) -> None:
    """In the middle of a second, which was watched once; then part of it again."""
    _enrol(probe)
    player = _open(probe, probe.lesson(1, "films"), 6)
    for begin, end in ((0, 20_500), (20_500, 30_000), (5_000, 15_500)):
        player.watch(Segment(begin, end, "pause"))
        player.pause(end)
    player.close(15_500)
    probe.line.end()


def just_enough(probe: Probe) -> None:
    """Nine tenths, to the millisecond, of a video that asks for so much."""
    _enrol(probe)
    player = _open(probe, probe.lesson(3, "films"), 6)
    player.watch(Segment(0, 814_500, "pause"))
    player.pause(814_500)
    player.close(814_500)
    probe.line.end()


def not_quite_enough(probe: Probe) -> None:
    _enrol(probe)
    player = _open(probe, probe.lesson(3, "films"), 6)
    player.watch(Segment(0, 814_499, "pause"))
    player.pause(814_499)
    player.close(814_499)
    probe.line.end()


def usual_threshold(probe: Probe) -> None:
    """Nobody says how much is enough: 95 of a hundred are."""
    _enrol(probe)
    player = _open(probe, probe.lesson(4, "films"), 6)
    player.watch(Segment(0, 285_000, "pause"))
    player.pause(285_000)
    probe.line.end()


def forty_minutes(probe: Probe) -> None:
    """Without a sign of life, and in one session, for it was playing all the time."""
    _enrol(probe)
    player = _open(probe, probe.lesson(5, "films"), 6)
    player.watch(Segment(0, 2_400_000, "pause"))
    player.pause(2_400_000)
    probe.line.end()


def to_the_end(probe: Probe) -> None:
    """The next statement comes as the video must have ended; on another day a second later, in a new session."""
    _enrol(probe)
    lesson = probe.lesson(5, "films")
    for day, wait in ((6, 0), (8, SECOND)):
        player = _open(probe, lesson, day)
        visit = player.visit
        step = probe.line.do(video.PLAYED, lesson, lesson.place, visit, 0, Watching(time=0))
        probe.line.play(step, 3_300_000)
        if wait:
            probe.line.end()
            probe.line.begin(step.at + 3_300_000 + wait)
        probe.line.do(video.INTERACTED, lesson, lesson.place, visit, 0, Watching(time=3_300_000))
        probe.line.end()


def left_playing(probe: Probe) -> None:
    """The last of a session counts a minute, even if it began to play."""
    _enrol(probe)
    lesson = probe.lesson(1, "films")
    player = _open(probe, lesson, 6)
    probe.line.do(video.PLAYED, lesson, lesson.place, player.visit, 0, Watching(time=0))
    probe.line.end()
