"""Keeps one process running: prepares it, starts it, knows when it is ready, restarts it, stops it."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from core.errors import UserError
from local.background import in_background
from local.backoff import Backoff
from local.child import launch_arguments, marks_of
from local.command import Command
from local.home import Home
from local.leftovers import end, leftovers
from local.logfile import open_log
from local.preparation import Preparation
from local.process import Process
from local.state import Phase, ProcessState

PROBE_INTERVAL = 0.05
# A process that never was ready is given up after so many starts.
MOST_FIRST_STARTS = 3


class StartError(Exception):
    """The process cannot be brought up; its state says why."""


class Keeper:
    def __init__(self, process: Process, home: Home, changed: Callable[[], None]) -> None:
        self.process = process
        self.state = ProcessState(process.name, port=process.port)
        self.ready = asyncio.Event()
        self._home = home
        self._marks = marks_of(home.folder, process.name)
        self._changed = changed
        self._backoff = Backoff()
        self._child: asyncio.subprocess.Process | None = None

    async def keep(self, needed: list["Keeper"]) -> None:
        try:
            await self._keep(needed)
        except StartError:
            raise
        except Exception as error:
            raise self._failed(f"{type(error).__name__}: {error}") from error

    async def _keep(self, needed: list["Keeper"]) -> None:
        for keeper in needed:
            await keeper.ready.wait()
        self._enter("preparing")
        began = time.monotonic()
        command = await self._prepare()
        while not await self._lived_through(command, began):
            began = time.monotonic()

    async def stop(self) -> None:
        if self._child is None or self._child.returncode is not None:
            if self.state.phase != "failed":
                self._enter("stopped")
            return
        self._enter("stopping")
        with suppress(ProcessLookupError):
            self._child.send_signal(self.process.stop_signal)
        await self._child.wait()
        self._enter("stopped", pid=None)

    def kill(self) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)

    async def _prepare(self) -> Command:
        loop = asyncio.get_running_loop()
        preparation = Preparation(lambda text: _call(loop, self._note, text), self._marks)
        try:
            return await in_background(lambda: self.process.prepare(preparation))
        except UserError as error:
            raise self._failed(str(error)) from error
        finally:
            preparation.stopped.set()

    async def _lived_through(self, command: Command, began: float) -> bool:
        """One life, from start to end; true when it is not to be followed by another."""
        process = await self._start(command)
        exited = asyncio.create_task(process.wait())
        was_ready_at = None
        if not self.process.once and await self._becomes_ready(exited):
            was_ready_at = time.monotonic()
            self._is_ready("ready", began)
        code = await exited
        if self.process.once and code == 0:
            self.state.pid = None
            self._is_ready("finished", began)
            return True
        await self._after_death(code, time.monotonic() - was_ready_at if was_ready_at else 0.0)
        return False

    async def _start(self, command: Command) -> asyncio.subprocess.Process:
        name = self.process.name
        with open_log(self._home.log(name)) as log:
            # From the main thread: the child is told of the death of the thread that forked it.
            self._child = await asyncio.create_subprocess_exec(
                *launch_arguments(command, self.process.stop_signal, self._marks),
                env=command.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._enter("starting", pid=self._child.pid, started_at=time.time())
        return self._child

    async def _becomes_ready(self, exited: "asyncio.Task[int]") -> bool:
        deadline = time.monotonic() + self.process.start_timeout
        while not exited.done():
            if await self._probe():
                return True
            if time.monotonic() > deadline:
                self._note(f"not ready within {self.process.start_timeout:.0f} s")
                self.kill()
                return False
            await asyncio.wait({exited}, timeout=PROBE_INTERVAL)
        return False

    async def _probe(self) -> bool:
        if self.process.ready is None:
            return True
        try:
            return await in_background(self.process.ready)
        except Exception:  # noqa: BLE001 - whatever a client raises, the process is not ready yet
            return False

    async def _after_death(self, code: int, was_well_for: float) -> None:
        self.kill()
        name = self.process.name
        # What the dead one left would hold its port or its data.
        await in_background(lambda: end(leftovers(self._home.folder, name)))
        delay = self._backoff.next(was_well_for)
        reason = describe_exit(code)
        if self.process.once or (not self.ready.is_set() and self._backoff.failures >= MOST_FIRST_STARTS):
            raise self._failed(reason)
        self._enter("restarting", pid=None, error=reason, restarts=self.state.restarts + 1)
        await asyncio.sleep(delay)

    def _is_ready(self, phase: Phase, began: float) -> None:
        if self.process.on_ready is not None:
            self.process.on_ready()
        self._enter(phase, seconds=round(time.monotonic() - began, 2))
        self.ready.set()

    def _failed(self, reason: str) -> StartError:
        self._enter("failed", pid=None, error=reason)
        return StartError(self.process.name)

    def _note(self, text: str) -> None:
        self.state.notes.append(text)
        self._changed()

    def _enter(self, phase: Phase, **values: object) -> None:
        self.state.phase = phase
        for name, value in values.items():
            setattr(self.state, name, value)
        self._changed()


def describe_exit(code: int) -> str:
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[str], None], text: str) -> None:
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, text)
