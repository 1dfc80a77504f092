"""Goes on sending what learners do, at the pace at which they do it, until it is stopped.

Here only the pace is the clock's: what is done in which order comes from the parameters. Times in what is sent are
those at which it is sent.
"""

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from simulator.delivery.parcels import Parcel
from simulator.parameters import Parameters
from simulator.run import build_tenants
from simulator.simulate import parcels
from simulator.sinks.sink import Sink

# A weekday morning, when everybody has begun and few are done.
FIRST_DAY, FIRST_HOUR = 15, 9
# What is not sent by then is sent together.
PATIENCE = 0.5
_TIMESTAMP = re.compile(rb'"timestamp":"[^"]*"')
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STORED = re.compile(rb',"stored":"[^"]*"')


class Pace(NamedTuple):
    """How much faster than real learners. With another `salt` the same is done once more, under other ids."""

    speed: float = 1.0
    salt: str = ""


def play_live(
    parameters: Parameters,
    sink: Sink,
    pace: Pace,
    stop: threading.Event,
    progress: Callable[[int], None] | None = None,
) -> int:
    """What happened before the first day is told as far as the LMS knows it. Returns how many statements were sent."""
    tenants = build_tenants(parameters)
    begin = tenants[0].days.at(FIRST_DAY, FIRST_HOUR)
    began, sent = time.monotonic(), 0
    # What would be true of the term, had it been sent as it was planned, is nobody's truth here.
    with TemporaryDirectory() as folder:
        for parcel in parcels(_in_order(parameters), tenants, Path(folder)):
            if parcel.arrives < begin and parcel.content == "statement":
                continue
            if not _wait(began + (parcel.arrives - begin) / 1000 / pace.speed, sink, stop):
                break
            sink.put(parcel if parcel.arrives < begin else _now(parcel, pace.salt))
            sent += parcel.content == "statement"
            if progress is not None:
                progress(sent)
    sink.close()
    return sent


def _in_order(parameters: Parameters) -> Parameters:
    """The second of two duplicates would have another time in it, and be another statement under the same id. Edges
    are made of times, too.
    """
    once = msgspec.structs.replace(parameters.imperfections, duplicates=False, edges=False)
    return msgspec.structs.replace(parameters, order="day", imperfections=once)


def _wait(due: float, sink: Sink, stop: threading.Event) -> bool:
    wait = due - time.monotonic()
    if wait > PATIENCE:
        # Nothing should wait for company at night.
        sink.flush()
    return not stop.wait(max(wait, 0))


def _now(parcel: Parcel, salt: str) -> Parcel:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = _TIMESTAMP.sub(f'"timestamp":"{moment}"'.encode(), _STORED.sub(b"", parcel.text))
    return msgspec.structs.replace(parcel, text=_renamed(text, salt) if salt else text)


def _renamed(text: bytes, salt: str) -> bytes:
    """Of statements, registrations and sessions alike, so that what belongs together still does."""
    return _UUID.sub(lambda found: str(uuid5(UUID(found[0].decode()), salt)).encode(), text)
