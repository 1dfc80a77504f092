"""Command lines and environments of what the supervisor starts."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from core.errors import UserError
from local import launch
from local.process import Command, Privileges

# Outside the LYCEUM_ prefix, where every variable is a setting.
HOME_MARK = "SUPERVISED_BY_LYCEUM"
NAME_MARK = "SUPERVISED_BY_LYCEUM_AS"


def marks(home: Path, name: str) -> dict[str, str]:
    return {HOME_MARK: str(home), NAME_MARK: name}


def arguments(command: Command, death_signal: signal.Signals, marks: Mapping[str, str]) -> list[str]:
    options = {
        "parent": os.getpid(),
        "privileges": command.privileges,
        "death_signal": int(death_signal),
        "marks": dict(marks),
    }
    return [sys.executable, "-I", "-S", launch.__file__, json.dumps(options), *command.arguments]


def run(command: Command, standard_input: str = "") -> subprocess.CompletedProcess[str]:
    """A step of some preparation, to its end; it ends with the supervisor."""
    return subprocess.run(
        arguments(command, signal.SIGTERM, {}),
        env=command.environment,
        input=standard_input,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        check=False,
    )


def privileges_without_root() -> Privileges:
    """How to run PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return Privileges.SAME
    for privileges in (Privileges.NAMESPACE, Privileges.DROPPED):
        if run(Command(("/bin/true",), privileges=privileges)).returncode == 0:
            return privileges
    raise UserError(
        "PostgreSQL refuses to run as root, and this machine allows neither user namespaces nor dropping privileges.",
        "Start Lyceum as an ordinary user, or set LYCEUM_DATABASE_URL to a running server.",
    )
