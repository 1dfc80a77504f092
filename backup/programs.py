"""PostgreSQL's own pg_dump and pg_restore, run without showing the password to others."""

import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.errors import UserError

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
OF_TABLE = re.compile(r"(?:dumping contents of|processing data for) table \"([^\"]+)\"")
LAST_LINES = 12

Progress = Callable[[str], None]


class Programs(NamedTuple):
    folder: Path
    major: int


def find_programs(places: Sequence[Path], least: int) -> Programs:
    """The first that are new enough: older ones refuse a newer server, and what newer ones wrote."""
    found = [Programs(place, _major(place / "pg_dump")) for place in places if (place / "pg_restore").exists()]
    for programs in found:
        if programs.major >= least:
            return programs
    known = ", ".join(f"{one.major} in {one.folder}" for one in found) or "none"
    raise UserError(
        f"pg_dump and pg_restore of PostgreSQL {least} or newer are needed; found: {known}.",
        f"Install them, on Debian as postgresql-client-{least}, and put them on the PATH.",
    )


def run(program: Path, conninfo: str, arguments: Sequence[str], progress: Progress) -> None:
    """Its complaints become the message: they name the table and the reason."""
    parts = conninfo_to_dict(conninfo)
    password = parts.pop("password", None)
    environment = ENVIRONMENT if password is None else {**ENVIRONMENT, "PGPASSWORD": str(password)}
    command = [str(program), "--verbose", "--no-password", "--dbname", make_conninfo("", **parts), *arguments]
    said: list[str] = []
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stderr or ():
                said = [*said, line.strip()][-LAST_LINES:]
                if found := OF_TABLE.search(line):
                    progress(found[1])
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise _failed(program, said)


def _failed(program: Path, said: Sequence[str]) -> UserError:
    complaints = [line.removeprefix(f"{program.name}: ") for line in said if "error:" in line or "detail:" in line]
    reason = " ".join(complaints or said[-1:])
    if "No space left" in reason:
        return UserError(f"The disk is full: {reason}", "Free some space, or name a folder on another disk.")
    return UserError(f"{program.name} failed: {reason}", "Nothing was left behind. Mend that and repeat the command.")


def _major(program: Path) -> int:
    said = subprocess.run(
        [str(program), "--version"], env=ENVIRONMENT, capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0
