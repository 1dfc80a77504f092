"""The embedded database by a clock that a test sets, with Debian's libfaketime.

The database's programs are started by Debian's own loader, so that the library fits whatever machine this is. The other
processes run on the machine's, for which there is no such library in general.
"""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from local.cache import cached
from local.command import Command
from local.debian import SUITE, unpack
from local.preparation import Preparation

LIBRARY = "libfaketime.so.1"


@dataclass(frozen=True)
class Clock:
    library: Path
    file: Path

    @classmethod
    def make(cls, cache: Path, folder: Path) -> "Clock":
        built = cached(cache, f"faketime-{SUITE}-{os.uname().machine}", _build)
        clock = cls(built / LIBRARY, folder / "clock")
        clock.step(0)
        return clock

    def step(self, seconds: float) -> None:
        """At once, so far from the right time."""
        written = self.file.with_suffix(".new")
        written.write_text(f"{seconds:+}\n", encoding="ascii")
        written.rename(self.file)

    def shown_to(self, postgres: Command) -> Command:
        """What Debian's wrapper says, and the library before all others."""
        wrapper, *arguments = postgres.arguments
        root = Path(wrapper).parents[5]
        libraries = next(root.glob("usr/lib/*-linux-*"))
        loader = (str(next(libraries.glob("ld-linux*"))), "--preload", str(self.library), "--argv0", wrapper)
        program = ("--library-path", str(libraries), str(root / "programs" / "postgres"))
        variables = {
            **(postgres.environment or {}),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        return replace(postgres, arguments=(*loader, *program, *arguments), environment=variables)


def _build(folder: Path) -> None:
    whole = folder / "whole"
    unpack(("libfaketime",), whole, Preparation(lambda _: None, {}))
    shutil.copy2(next(whole.glob(f"usr/lib/*-linux-*/faketime/{LIBRARY}")), folder / LIBRARY)
    shutil.rmtree(whole)
