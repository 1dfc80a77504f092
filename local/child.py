"""How the supervisor starts a program, and by what it knows it again."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from local import launch
from local.command import Command

# Outside the LYCEUM_ prefix, where every variable is a setting.
HOME_MARK = "SUPERVISED_BY_LYCEUM"
NAME_MARK = "SUPERVISED_BY_LYCEUM_AS"


def marks_of(home: Path, name: str) -> dict[str, str]:
    return {HOME_MARK: str(home), NAME_MARK: name}


def launch_arguments(command: Command, death_signal: signal.Signals, marks: Mapping[str, str]) -> list[str]:
    options = {
        "parent": os.getpid(),
        "privileges": command.privileges,
        "death_signal": int(death_signal),
        "marks": dict(marks),
    }
    return [sys.executable, "-I", "-S", launch.__file__, json.dumps(options), *command.arguments]
