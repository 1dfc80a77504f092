import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local.command import Command, Privileges
from local.home import Home
from local.leftovers import leftovers
from local.preparation import Preparation
from local.process import Process
from local.state import ProcessState, State, read_state
from local.supervisor import Supervisor
from tests.harness.waiting import wait_until

FOR_EVER = "import time; time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('{{sign}}', 'w'); {FOR_EVER}"
DEADLINE = 20.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def python(name: str, code: str, *after: str, once: bool = False, privileges: Privileges = Privileges.SAME) -> Process:
    command = Command((sys.executable, "-c", code), {"PATH": "/usr/bin:/bin"}, privileges)
    return Process(name, lambda _: command, after=after, once=once)


class Run:
    """A supervisor in this process, with all the states it went through."""

    def __init__(self, home: Home, *processes: Process) -> None:
        self.phases: list[tuple[str, str]] = []
        self.state = State(0, [])
        self._change = asyncio.Event()
        self.supervisor = Supervisor(home, list(processes), self._changed)

    def process(self, name: str) -> ProcessState:
        return next(process for process in self.state.processes if process.name == name)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not self.state.processes or not condition():
                await self._change.wait()
                self._change.clear()

    def through(self, drive: Callable[[], Awaitable[object]]) -> bool:
        """Runs the supervisor, does with it what `drive` does, and has it stopped."""

        async def run() -> bool:
            task = asyncio.create_task(self.supervisor.run())
            await drive()
            os.kill(os.getpid(), signal.SIGTERM)
            return await task

        return asyncio.run(run())

    def _changed(self, state: State) -> None:
        self.state = state
        self._change.set()
        for process in state.processes:
            if (process.name, process.phase) not in self.phases:
                self.phases.append((process.name, process.phase))


def test_run__an_unexpected_fault_of_a_preparation_is_told(home: Home) -> None:
    def stumble(_: Preparation) -> Command:
        raise FileNotFoundError("no such thing")

    run = Run(home, Process("clumsy", stumble))
    assert asyncio.run(run.supervisor.run()) is False
    assert run.process("clumsy").phase == "failed"
    assert run.process("clumsy").error == "FileNotFoundError: no such thing"


def test_run__in_order_of_dependencies_and_back(home: Home) -> None:
    run = Run(
        home,
        python("service", FOR_EVER, "step", "database"),
        python("step", "pass", "database", once=True),
        python("database", FOR_EVER),
    )
    assert run.through(lambda: run.until(lambda: run.state.is_up))
    wanted = [("database", "ready"), ("step", "starting"), ("step", "finished"), ("service", "starting"),
              ("service", "ready"), ("service", "stopped"), ("database", "stopping")]  # fmt: skip
    assert [phase for phase in run.phases if phase in wanted] == wanted
    assert leftovers(home.folder) == []


def test_run__a_process_that_keeps_dying_is_started_ever_more_slowly(home: Home) -> None:
    run = Run(home, python("flaky", "import time; time.sleep(0.1); raise SystemExit(7)"))
    died: list[float] = []

    async def drive() -> None:
        for restarts in (1, 2, 3):
            await run.until(lambda wanted=restarts: run.process("flaky").restarts == wanted)  # type: ignore[misc]
            died.append(time.monotonic())

    assert run.through(drive)
    assert run.process("flaky").error == "ended with exit code 7"
    assert died[2] - died[1] > died[1] - died[0] > 0.5
    assert ("flaky", "restarting") in run.phases


def test_run__a_killed_process_comes_back(home: Home) -> None:
    run = Run(home, python("service", FOR_EVER))

    async def drive() -> None:
        await run.until(lambda: run.state.is_up)
        os.kill(run.process("service").pid or 0, signal.SIGKILL)
        await run.until(lambda: run.process("service").restarts == 1)
        await run.until(lambda: run.state.is_up)

    assert run.through(drive)
    assert run.process("service").error == "ended by SIGKILL"


@pytest.mark.parametrize("process", [
    python("broken", "print('no such file'); raise SystemExit(3)", once=True),
    Process("broken", lambda _: Command((sys.executable, "-c", "raise SystemExit(3)")), ready=lambda: False),
], ids=["step", "service"])  # fmt: skip
def test_run__cannot_be_brought_up(home: Home, process: Process) -> None:
    run = Run(home, process, python("service", FOR_EVER, "broken"))
    assert asyncio.run(run.supervisor.run()) is False
    state = read_state(home.state_file)
    assert state is not None
    assert [(failed.name, failed.error) for failed in state.failed] == [("broken", "ended with exit code 3")]
    assert ("service", "starting") not in run.phases


def test_run__never_ready(home: Home) -> None:
    command = Command((sys.executable, "-c", FOR_EVER))
    run = Run(home, Process("mute", lambda _: command, ready=lambda: False, start_timeout=0.3))
    assert asyncio.run(run.supervisor.run()) is False
    assert run.process("mute").notes[0] == "not ready within 0 s"
    assert leftovers(home.folder) == []


def test_stop__deaf_to_signals(home: Home, tmp_path: Path) -> None:
    sign = tmp_path / "deaf"
    deaf = replace(python("deaf", DEAF.format(sign=sign)), ready=sign.exists)
    run = Run(home, deaf, python("service", FOR_EVER))
    stopped_from = []

    async def drive() -> None:
        await run.until(lambda: run.state.is_up)
        stopped_from.append(time.monotonic())

    assert run.through(drive)
    assert 8 < time.monotonic() - stopped_from[0] < 10
    assert leftovers(home.folder) == []


def test_stop__when_another_process_is_gone(home: Home) -> None:
    run = Run(home, python("service", FOR_EVER))

    async def drive() -> bool:
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", FOR_EVER)
        task = asyncio.create_task(run.supervisor.run(until_exit_of=other.pid))
        await run.until(lambda: run.state.is_up)
        other.kill()
        await other.wait()
        async with asyncio.timeout(DEADLINE):
            return await task

    assert asyncio.run(drive())
    assert run.process("service").phase == "stopped"


def test_stop__during_a_preparation(home: Home, tmp_path: Path) -> None:
    after_the_step = tmp_path / "after"

    def prepare(preparation: Preparation) -> Command:
        preparation.run(Command(("sleep", "600")))
        after_the_step.touch()
        return Command(("true",))

    run = Run(home, Process("service", prepare))
    assert run.through(lambda: asyncio.to_thread(wait_until, lambda: len(leftovers(home.folder)) == 1))
    assert leftovers(home.folder) == []
    assert not after_the_step.exists()
