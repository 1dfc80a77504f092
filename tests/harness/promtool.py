"""Prometheus's own checker of rules, from Debian's packages, kept as the embedded servers are."""

import os
import shutil
import subprocess
from pathlib import Path

from local.cache import cached
from local.debian import SUITE, unpack
from local.preparation import Preparation

# What it is linked with; Debian's may be newer than this machine's.
LIBRARIES = ("libc.so.6", "libresolv.so.2", "libpthread.so.0")


class Promtool:
    def __init__(self, cache: Path) -> None:
        self._folder = cached(cache, f"promtool-{SUITE}-{os.uname().machine}", _build)

    def run(self, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        loader = next(self._folder.glob("ld-linux*"))
        command = [str(loader), "--library-path", str(self._folder), str(self._folder / "promtool"), *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _build(folder: Path) -> None:
    whole = folder / "whole"
    unpack(("prometheus",), whole, Preparation(lambda _: None, {}))
    libraries = next(whole.glob("usr/lib/*-linux-*"))
    for file in (whole / "usr/bin/promtool", *libraries.glob("ld-linux*"), *(libraries / name for name in LIBRARIES)):
        shutil.copy2(file, folder / file.name)
    shutil.rmtree(whole)
