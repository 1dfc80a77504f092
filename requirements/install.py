"""Makes the environments this checkout needs. Only the standard library: it runs before anything is installed.

    python3 requirements/install.py platform|dev|superset

What is there already is left alone: a second run installs nothing and needs no network.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

UV_VERSION = "0.13.8"
PYTHONS = ">=3.11,<3.13"
ROOT = Path(__file__).resolve().parent.parent
# Superset holds back what the rest needs newer.
ENVIRONMENTS = {"platform": ROOT / ".venv", "dev": ROOT / ".venv", "superset": ROOT / ".venv-superset"}
# dev holds all of platform, so whoever has dev needs nothing for the demo.
CONTAINED_IN = {"platform": ("platform", "dev"), "dev": ("dev",), "superset": ("superset",)}
# By the program that each brings. The browser is for tests and for the pictures of the docs.
SYSTEM_PACKAGES = {
    "platform": {"mmdebstrap": "mmdebstrap"},
    "dev": {"mmdebstrap": "mmdebstrap", "chromium": "chromium"},
    "superset": {},
}


class InstallError(Exception):
    """A sentence that says what is missing and what to do."""


def main(group: str) -> None:
    install_system_packages(SYSTEM_PACKAGES[group])
    if not is_installed(group):
        install(group)


def is_installed(group: str) -> bool:
    stamp = stamp_of(group)
    if not stamp.exists():
        return False
    installed = json.loads(stamp.read_text())
    return any(installed.get(name) == digest(name) for name in CONTAINED_IN[group])


def stamp_of(group: str) -> Path:
    return ENVIRONMENTS[group] / "lyceum-installed.json"


def install(group: str) -> None:
    uv, environment = find_uv(), ENVIRONMENTS[group]
    if not (environment / "bin" / "python").exists():
        step(f"making {environment.name}", [uv, "venv", "--quiet", "--python", PYTHONS, environment])
    lock = ROOT / "requirements" / f"{group}.lock"
    pip: list[str | Path] = [uv, "pip"]
    target: list[str | Path] = ["--quiet", "--python", environment / "bin" / "python"]
    # Compiled now, or the first start would: of Superset, that is half a minute without a word.
    compiled = ["--compile-bytecode"] if group == "superset" else []
    step(f"installing {lock.relative_to(ROOT)}", [*pip, "sync", *target, *compiled, "--require-hashes", lock])
    step("installing lyceum", [*pip, "install", *target, "--no-deps", "--no-build-isolation", "--editable", ROOT])
    stamp_of(group).write_text(json.dumps({group: digest(group)}))


def digest(group: str) -> str:
    parts = [ROOT / "requirements" / f"{group}.lock", ROOT / "pyproject.toml", Path(__file__)]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def find_uv() -> Path:
    home = cache_folder() / f"uv-{UV_VERSION}"
    uv = home / "bin" / "uv"
    if not uv.exists():
        shutil.rmtree(home, ignore_errors=True)
        make_bare_environment(home)
        step(
            f"installing uv {UV_VERSION}", [home / "bin" / "python", "-m", "pip", "install", "-q", f"uv=={UV_VERSION}"]
        )
    return uv


def make_bare_environment(folder: Path) -> None:
    command = [sys.executable, "-m", "venv", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if not may_install_packages():
        raise InstallError("Python's venv module is missing: install the package python3-venv, then run this again.")
    apt_install("python3-venv")
    step("making an environment for uv", command)


def install_system_packages(packages: dict[str, str]) -> None:
    missing = [package for program, package in packages.items() if shutil.which(program) is None]
    # Without them Lyceum does what it can, and says so: PostgreSQL from a wheel instead of TimescaleDB.
    if missing and may_install_packages():
        apt_install(*missing)


def may_install_packages() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install_command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    began = time.monotonic()
    for command in (["apt-get", "update", "--quiet"], install_command):
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise InstallError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    say(f"installed {', '.join(packages)} from Debian's packages", began)


def cache_folder() -> Path:
    return Path(os.environ.get("LYCEUM_CACHE") or Path.home() / ".cache" / "lyceum")


def step(what: str, command: Sequence[str | Path]) -> None:
    began = time.monotonic()
    # The environment of a shell that is in some other virtual environment must not lead uv astray.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run([str(part) for part in command], env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise InstallError(f"{what} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    say(what, began)


def say(what: str, began: float) -> None:
    sys.stdout.write(f"  {what:<42} {time.monotonic() - began:6.1f} s\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ENVIRONMENTS:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except InstallError as error:
        sys.exit(f"Error: {error}")
