"""Runs processes in the order of their dependencies, keeps them running, and stops them in the reverse order."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

from local.background import in_background
from local.home import Home
from local.keeper import Keeper
from local.leftovers import end, leftovers
from local.logfile import rotate
from local.process import Process, in_order
from local.state import State

# Together with the kill that follows, all have ended 10 s after the first signal.
STOP_WITHIN = 9.0
ROTATE_EVERY = 30.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Must run in the main thread: the kernel tells children of the death of the thread that made them."""

    def __init__(self, home: Home, processes: list[Process], changed: Callable[[State], None]) -> None:
        self._home = home
        self._shown = changed
        self._keepers = {process.name: Keeper(process, home, self._changed) for process in in_order(processes)}
        self._state = State(os.getpid(), [keeper.state for keeper in self._keepers.values()])

    async def run(self, until_exit_of: int | None = None) -> bool:
        """Until it is told to stop; false when something could not be brought up."""
        stop = self._stop_requested(until_exit_of)
        self._changed()
        keeping = [asyncio.create_task(keeper.keep(self._needed(keeper))) for keeper in self._keepers.values()]
        rotating = asyncio.create_task(self._rotate())
        try:
            return await self._until_stop_or_failure(stop, keeping)
        finally:
            for task in (*keeping, rotating):
                task.cancel()
            await asyncio.gather(*keeping, rotating, return_exceptions=True)
            await self._stop_all()

    async def _until_stop_or_failure(self, stop: asyncio.Event, keeping: list["asyncio.Task[None]"]) -> bool:
        stopping = asyncio.create_task(stop.wait())
        pending: set[asyncio.Task[None] | asyncio.Task[bool]] = {stopping, *keeping}
        while not stopping.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if any(task.exception() for task in done):
                stopping.cancel()
                return False
        return True

    async def _stop_all(self) -> None:
        stops: dict[str, asyncio.Task[None]] = {}
        for name, keeper in reversed(self._keepers.items()):
            dependents = [stops[other] for other, one in self._keepers.items() if name in one.process.after]
            stops[name] = asyncio.create_task(_stop_after(dependents, keeper))
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await asyncio.shield(asyncio.gather(*stops.values()))
        for keeper in self._keepers.values():
            keeper.kill()
        await asyncio.gather(*stops.values())
        await in_background(lambda: end(leftovers(self._home.folder)))

    def _needed(self, keeper: Keeper) -> list[Keeper]:
        return [self._keepers[name] for name in keeper.process.after]

    def _changed(self) -> None:
        self._state.write(self._home.state_file)
        self._shown(self._state)

    def _stop_requested(self, until_exit_of: int | None) -> asyncio.Event:
        event = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, event.set)
        if until_exit_of is not None:
            _on_exit_of(until_exit_of, event)
        return event

    async def _rotate(self) -> None:
        while True:
            await asyncio.sleep(ROTATE_EVERY)
            for name in self._keepers:
                rotate(self._home.log(name))


async def _stop_after(dependents: list["asyncio.Task[None]"], keeper: Keeper) -> None:
    await asyncio.gather(*dependents)
    await keeper.stop()


def _on_exit_of(pid: int, event: asyncio.Event) -> None:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        event.set()
        return
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        event.set()

    loop.add_reader(descriptor, gone)
