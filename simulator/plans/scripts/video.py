"""How a player of the Video Profile is used."""

from simulator.dialects.video import COMPLETED, INITIALIZED, INTERACTED, PAUSED, PLAYED, SEEKED, TERMINATED
from simulator.plans.facts import Viewing
from simulator.plans.scripts.watching import Segment, decide, union
from simulator.plans.steps import Step, Verb, Visit, Watching
from simulator.plans.study import Study
from simulator.plans.timeline import LONGEST_SPAN
from simulator.world.things import Lesson, Place, Video

DEFAULT_THRESHOLD = 1.0


class Player:
    """One launch of a video. With a registration it remembers what was watched in earlier launches."""

    def __init__(self, study: Study, thing: Lesson | Video, film: Video, place: Place, visit: Visit) -> None:
        self.study, self.thing, self.film, self.place, self.visit = study, thing, film, place, visit
        key = visit.registration or visit.session_id
        viewings = study.facts.viewings
        if (film.iri, key) not in viewings:
            viewings[film.iri, key] = Viewing(film, key, [], film.threshold, first_at=study.timeline.now)
        self.viewing = viewings[film.iri, key]
        study.timeline.do(INITIALIZED, thing, place, visit, study.draw(1, 5))

    def watch(self, segment: Segment) -> None:
        line = self.study.timeline
        step = line.do(PLAYED, self.thing, self.place, self.visit, 0, Watching(time=segment.begin))
        line.play(step, segment.end - segment.begin)
        if not self.film.says_length:
            step.lasts = min(step.lasts, LONGEST_SPAN)
        self.viewing.segments.append((segment.begin, segment.end))

    def pause(self, time: int) -> None:
        self._report(PAUSED, time, self.study.draw(1, 40))

    def seek(self, before: int, time: int) -> None:
        watching = Watching(time=time, before=before)
        self.study.timeline.do(SEEKED, self.thing, self.place, self.visit, 1, watching)

    def complete(self, time: int) -> Step:
        self.viewing.is_completed = True
        return self._report(COMPLETED, time, 1, completion=True)

    def close(self, time: int) -> None:
        self._report(TERMINATED, time, self.study.draw(1, 20))

    def _report(self, verb: Verb, time: int, busy: int, *, completion: bool = False) -> Step:
        segments = tuple(self.viewing.segments)
        share = union(self.viewing.segments) / self.film.length if self.film.says_length else None
        watching = Watching(time=time, segments=segments, share=share, completion=completion)
        return self.study.timeline.do(verb, self.thing, self.place, self.visit, busy, watching)


def view(study: Study, lesson: Lesson, *, finish: bool) -> None:
    if lesson.video is None:
        raise TypeError(f"{lesson.lesson_id} has no video")
    player = Player(study, lesson, lesson.video, lesson.place, study.visit(lesson))
    done = play_through(player, decide(study, lesson.video, finish=finish))
    if done is not None:
        study.of(study.tenant.courses[lesson.course_id]).complete(lesson, done.at, "statement")


def view_extra(study: Study, film: Video, place: Place, visit: Visit) -> None:
    """A video in a course that is none of its lessons: whoever completes it has completed nothing else."""
    play_through(Player(study, film, film, place, visit), decide(study, film, finish=True))


def play_through(player: Player, segments: list[Segment]) -> Step | None:
    done = None
    for number, segment in enumerate(segments):
        player.watch(segment)
        if segment.close == "seek":
            player.seek(segment.end, segments[number + 1].begin)
        else:
            player.pause(segment.end)
    if player.study.chance(0.1):
        player.study.timeline.do(
            INTERACTED, player.thing, player.place, player.visit, 5, Watching(time=segments[-1].end)
        )
    if union(player.viewing.segments) == player.film.length and not player.viewing.is_completed:
        done = player.complete(segments[-1].end)
    player.close(segments[-1].end)
    return done
