"""What a process needs before it can start: steps that run to their end, and notes that the user sees."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import UserError
from local.child import launch_arguments
from local.command import Command, Privileges
from local.logfile import open_log


class StoppedError(Exception):
    """Nobody waits for this preparation any more."""


@dataclass(frozen=True)
class Preparation:
    note: Callable[[str], None]
    marks: Mapping[str, str]
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, command: Command, standard_input: str = "") -> subprocess.CompletedProcess[str]:
        """Ends with the supervisor, at the latest. A step that was ended so is no failure to be got round."""
        self._require_wanted()
        done = self._run(command, standard_input)
        self._require_wanted()
        return done

    def follow(self, command: Command, log: Path, mark: str) -> None:
        """Like `run`; a line that begins with the mark becomes a note at once, and all go to the log."""
        with open_log(log) as file:
            process = subprocess.Popen(
                launch_arguments(command, signal.SIGTERM, self.marks),
                env=command.environment,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            for line in process.stdout or ():
                file.write(line.encode())
                if line.startswith(mark):
                    self.note(line.removeprefix(mark).strip())
        self._require_wanted()
        if process.wait():
            raise UserError(f"{' '.join(command.arguments[-2:])} failed.", f"See {log}.")

    def _require_wanted(self) -> None:
        if self.stopped.is_set():
            raise StoppedError

    def _run(self, command: Command, standard_input: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            launch_arguments(command, signal.SIGTERM, self.marks),
            env=command.environment,
            input=standard_input,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )

    def privileges_without_root(self) -> Privileges:
        """How to run PostgreSQL, which refuses to run as root."""
        if os.geteuid() != 0:
            return Privileges.SAME
        for privileges in (Privileges.NAMESPACE, Privileges.DROPPED):
            if self.run(Command(("/bin/true",), privileges=privileges)).returncode == 0:
                return privileges
        raise UserError(
            "PostgreSQL refuses to run as root, and this machine allows neither user namespaces nor dropping "
            "privileges.",
            "Start Lyceum as an ordinary user, or set LYCEUM_DATABASE_URL to a running server.",
        )
