"""TimescaleDB from Debian's packages, unpacked into a folder and run from there, without root and without chroot.

Debian's programs need Debian's C library, which may be newer than the machine's: wrappers start them by the dynamic
loader of that folder. PostgreSQL finds its other files relative to its own place.
"""

import os
import shutil
from pathlib import Path

from core.errors import UserError
from local.cache import cached
from local.command import Command
from local.preparation import Preparation

SUITE = "trixie"
VERSION = "17"
UNNEEDED = ("libLLVM", "libz3", "libperl")
PROGRAMS = ("postgres", "initdb")
# Debian's PostgreSQL has this path compiled in.
ZONEINFO = Path("/usr/share/zoneinfo/UTC")

WRAPPER = """#!/bin/sh
root=${{0%/usr/lib/postgresql/*}}
exec "$root/{loader}" --argv0 "$0" --library-path "$root/{libraries}" "$root/programs/{program}" "$@"
"""


def timescaledb_binaries(cache: Path, preparation: Preparation) -> Path:
    """The folder with `postgres` and `initdb`, downloaded first where needed."""
    if not ZONEINFO.exists():
        _install("tzdata", preparation)
    root = cached(
        cache, f"timescaledb-{SUITE}-{VERSION}-{os.uname().machine}", lambda folder: _build(folder, preparation)
    )
    return root / "usr/lib/postgresql" / VERSION / "bin"


def unpack(packages: tuple[str, ...], whole: Path, preparation: Preparation) -> None:
    """With all that they need, and without running anything of it."""
    if shutil.which("mmdebstrap") is None:
        _install("mmdebstrap", preparation)
    included = f"--include={','.join(packages)}"
    result = preparation.run(Command(("mmdebstrap", "--variant=extract", included, SUITE, str(whole))))
    if result.returncode != 0:
        raise UserError(
            f"{packages[-1]} could not be had from Debian {SUITE}: {_reason(result.stdout)}",
            "Check the network, or set LYCEUM_DATABASE_EDITION=postgresql to do without TimescaleDB.",
        )


def _build(folder: Path, preparation: Preparation) -> None:
    preparation.note("downloading TimescaleDB from Debian, once")
    whole = folder / "whole"
    unpack((f"postgresql-{VERSION}", f"postgresql-{VERSION}-timescaledb"), whole, preparation)
    _keep_needed(whole, folder)
    shutil.rmtree(whole)


def _keep_needed(whole: Path, folder: Path) -> None:
    """Of 420 MB some 100: no documents, no compiler (just-in-time compilation is off), no bitcode."""
    libraries = next(whole.glob("usr/lib/*-linux-*"))
    loader = next(libraries.glob("ld-linux*"))
    target = folder / "usr/lib" / libraries.name
    target.mkdir(parents=True)
    for library in libraries.glob("*.so*"):
        if library.is_file() and not library.name.startswith(UNNEEDED):
            shutil.copy2(library, target / library.name, follow_symlinks=False)
    server = Path("usr/lib/postgresql") / VERSION
    ignored = shutil.ignore_patterns("bitcode", "llvmjit*")
    shutil.copytree(whole / server / "lib", folder / server / "lib", ignore=ignored)
    share = Path("usr/share/postgresql") / VERSION
    shutil.copytree(whole / share, folder / share, ignore=shutil.ignore_patterns("man"))
    (folder / "programs").mkdir()
    (folder / server / "bin").mkdir()
    for program in PROGRAMS:
        shutil.copy2(whole / server / "bin" / program, folder / "programs" / program)
        wrapper = folder / server / "bin" / program
        relative = target.relative_to(folder)
        wrapper.write_text(WRAPPER.format(loader=relative / loader.name, libraries=relative, program=program))
        wrapper.chmod(0o755)


def _install(package: str, preparation: Preparation) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise UserError(
            f"TimescaleDB needs the Debian package {package}, which is not installed.",
            f"Install it (`sudo apt-get install {package}`), or set LYCEUM_DATABASE_EDITION=postgresql.",
        )
    preparation.note(f"installing {package}")
    preparation.run(Command(("apt-get", "update", "-q")))
    result = preparation.run(Command(("apt-get", "install", "-y", "-q", "--no-install-recommends", package)))
    if result.returncode != 0:
        raise UserError(
            f"The Debian package {package} could not be installed: {_reason(result.stdout)}",
            f"Try `apt-get install {package}`, or set LYCEUM_DATABASE_EDITION=postgresql.",
        )


def _reason(output: str) -> str:
    """Of all that apt says, its first complaint."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
    return f"{(complaints or lines[-1:] or ['no reason given'])[0].rstrip('.')}."
