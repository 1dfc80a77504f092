"""The supervisor in a session of its own, watched until everything is up."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from local.home import Home
from local.logfile import open_log
from local.state import State, read_state

POLL_INTERVAL = 0.05


class RefusedError(Exception):
    """The supervisor ended before it started anything, in its own words, or before all was up."""


def detach(home: Home, up_options: Sequence[str], changed: Callable[[State], None]) -> bool:
    """False when something could not be brought up; the state says what."""
    home.create()
    log = home.log("supervisor")
    with open_log(log) as output:
        began_at = output.tell()
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "cli", "up", *up_options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        state = _watch(home, supervisor, changed)
    except KeyboardInterrupt:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait()
        raise
    if state is None:
        raise RefusedError(log.read_bytes()[began_at:].decode().strip())
    if not state.is_up and not state.failed:
        raise RefusedError("The supervisor was ended before all was up. Start again: it goes on with what is there.")
    return not state.failed


def _watch(home: Home, supervisor: "subprocess.Popen[bytes]", changed: Callable[[State], None]) -> State | None:
    """The state in which everything was up or the supervisor ended; none when it ended before it had one."""
    while True:
        ended = supervisor.poll() is not None
        state = read_state(home.state_file)
        mine = state if state is not None and state.supervisor == supervisor.pid else None
        if mine is not None:
            changed(mine)
        if ended or (mine is not None and mine.is_up):
            return mine
        time.sleep(POLL_INTERVAL)
