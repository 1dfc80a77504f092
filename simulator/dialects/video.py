"""Players that keep the xAPI Video Profile 1.0."""

from functools import lru_cache

from simulator.dialects.words import duration, encode, statement, timestamp, verb
from simulator.plans.steps import Step, Watching
from simulator.world.things import Lesson, Video

VIDEO = "https://w3id.org/xapi/video"
ADL = "http://adlnet.gov/expapi/verbs"

INITIALIZED = verb(f"{ADL}/initialized", "initialized", "started")
PLAYED = verb(f"{VIDEO}/verbs/played", "played", "played")
PAUSED = verb(f"{VIDEO}/verbs/paused", "paused", "paused")
SEEKED = verb(f"{VIDEO}/verbs/seeked", "seeked", "seeked")
INTERACTED = verb(f"{ADL}/interacted", "interacted", "interacted")
COMPLETED = verb(f"{ADL}/completed", "completed", "completed")
TERMINATED = verb(f"{ADL}/terminated", "terminated", "ended")

REPORTING = {INITIALIZED, COMPLETED, TERMINATED, PAUSED}


def render(step: Step, actor: bytes) -> bytes:
    film = filmed(step)
    watching = step.outcome if isinstance(step.outcome, Watching) else None
    result = b"" if watching is None else result_text(watching)
    return statement(step, actor, _about(film), result, _context(step, film), timestamp(step.at))


def filmed(step: Step) -> Video:
    thing = step.thing
    if isinstance(thing, Lesson) and thing.video is not None:
        return thing.video
    if isinstance(thing, Video):
        return thing
    raise TypeError(f"{thing.iri} is no video")


@lru_cache(1024)
def _about(film: Video) -> bytes:
    definition = {"type": f"{VIDEO}/activity-type/video", "name": {"en-US": film.title}}
    return encode({"objectType": "Activity", "id": film.iri, "definition": definition})


def seconds(position: int) -> str:
    whole, rest = divmod(position, 1000)
    return str(whole) if rest == 0 else f"{whole}.{rest:03}".rstrip("0")


def segments_text(segments: tuple[tuple[int, int], ...]) -> str:
    return "[,]".join(f"{seconds(begin)}[.]{seconds(end)}" for begin, end in segments)


def result_text(watching: Watching) -> bytes:
    """A seek says from where to where, everything else where it happened."""
    if watching.before is None:
        named = [f'"{VIDEO}/extensions/time":{seconds(watching.time)}']
    else:
        named = [
            f'"{VIDEO}/extensions/time-from":{seconds(watching.before)}',
            f'"{VIDEO}/extensions/time-to":{seconds(watching.time)}',
        ]
    if watching.share is not None:
        named.append(f'"{VIDEO}/extensions/progress":{round(watching.share, 3)}')
    if watching.segments is not None:
        named.append(f'"{VIDEO}/extensions/played-segments":"{segments_text(watching.segments)}"')
    done = f'"completion":true,"duration":"{duration(watching.time // 1000)}",' if watching.completion else ""
    return f',"result":{{{done}"extensions":{{{",".join(named)}}}}}'.encode()


def _context(step: Step, film: Video) -> bytes:
    parts = step.visit.parts
    key = step.verb in REPORTING
    if key not in parts:
        parts[key] = b',"context":' + encode(_around(step, film, is_reporting=key))
    return parts[key]


def _around(step: Step, film: Video, *, is_reporting: bool) -> dict[str, object]:
    visit = step.visit
    extensions: dict[str, object] = {f"{VIDEO}/extensions/session-id": visit.session_id}
    if film.says_length:
        extensions[f"{VIDEO}/extensions/length"] = film.length / 1000
    # Players of an older make report it now and then; then the lowest that anybody reports holds.
    if is_reporting and film.threshold is not None and visit.number % 2:
        extensions[f"{VIDEO}/extensions/completion-threshold"] = film.threshold
    around: dict[str, object] = {
        "contextActivities": {"category": [{"id": VIDEO}], "parent": [{"id": visit.course.iri}]},
        "extensions": extensions,
    }
    return around if visit.registration is None else {"registration": visit.registration, **around}
