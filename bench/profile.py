"""Where the LRS's CPU time goes: py-spy looks, from outside, at who holds the interpreter, and we sum up by room.

From inside one would mostly see the places that let go of the interpreter. Without py-spy there is no profile.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import Lrs

SAMPLES_PER_SECOND = "500"

# The first that fits, from the innermost frame outwards, says what was going on.
PLACES = (
    ("psycopg", "talking to PostgreSQL (psycopg)"),
    ("core/xapi/sameness", "digests"),
    ("core/xapi/keys", "keys"),
    ("core/xapi/bodies", "bodies"),
    ("core/xapi/records", "derived rows"),
    ("core/xapi", "reading and checking statements"),
    ("core/writer/staging", "lines for COPY"),
    ("core/writer/vocabulary", "verbs, activities, agents, definitions"),
    ("core/writer", "writer, the rest"),
    ("core/envelope", "bodies"),
    ("lrs/finding", "finding pages"),
    ("lrs/", "the LRS's own handling"),
    ("starlette", "HTTP (uvicorn, Starlette)"),
    ("uvicorn", "HTTP (uvicorn, Starlette)"),
)


def spy() -> str | None:
    return shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")


@contextmanager
def profiled(lrs: Lrs, seconds: float, into: Counter[str]) -> Iterator[None]:
    """Shares of the samples, by place."""
    program = spy()
    if program is None:
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "samples"
        command = [program, "record", "--gil", "--format", "raw", "--rate", SAMPLES_PER_SECOND]
        command += ["--duration", str(int(seconds)), "--output", str(file), "--pid", str(lrs.process.pid)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            yield
            process.wait(60)
        for line in file.read_text(encoding="utf-8").splitlines():
            stack, _, count = line.rpartition(" ")
            into[_place(stack.split(";"))] += int(count)


def shares(samples: Counter[str]) -> Iterator[tuple[str, float]]:
    total = samples.total()
    return ((place, count / total) for place, count in samples.most_common())


def _place(stack: list[str]) -> str:
    for frame in reversed(stack):
        for part, place in PLACES:
            if part in frame:
                return place
    return "Python's event loop and threads"
