"""A network between two processes of this machine, which can be slow, cut, or silent."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from local.ports import HOST

CHUNK = 1 << 16


class Proxy:
    """A port of its own, behind which is the other one."""

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self._delay = 0.0
        self._is_cut = False
        self._flows = asyncio.Event()
        self._ends = asyncio.Event()
        # Connections up to this number are never heard of again.
        self._forgotten = 0
        self._number = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"proxy {port}", daemon=True)
        self.passed = 0

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._flows.set()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, HOST, self.port), self._loop
        ).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def connections(self) -> int:
        return len(self._open) // 2

    @property
    def connected(self) -> int:
        """How often, since it began."""
        return self._number

    def slow(self, seconds: float) -> None:
        """Whatever is said takes so long to arrive."""
        self._call(lambda: setattr(self, "_delay", seconds))

    def cut(self) -> None:
        """All connections break, and each new one at once."""
        self._call(self._cut)

    def hole(self) -> None:
        """Nothing arrives any more, and nobody is told."""
        self._call(self._flows.clear)

    def forget(self) -> None:
        """As a router that starts anew: nothing arrives on the connections there are, and new ones are well."""
        self._call(lambda: setattr(self, "_forgotten", self._number))

    def heal(self) -> None:
        """What is under way in a hole arrives now, as on a network that comes back."""
        self._call(self._heal)

    def _call(self, change: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(change)

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def _heal(self) -> None:
        self._delay, self._is_cut = 0.0, False
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
            self._number += 1
            number, both = self._number, {writer, far_writer}
            self._open |= both
            try:
                await asyncio.gather(self._pump(number, reader, far_writer), self._pump(number, far_reader, writer))
            finally:
                self._open -= both
                far_writer.transport.abort()
        writer.transport.abort()

    async def _pump(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                await self._flows.wait()
                if number <= self._forgotten:
                    await self._ends.wait()
                if self._delay:
                    await asyncio.sleep(self._delay)
                self.passed += len(chunk)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def _close(self) -> None:
        self._server.close()
        self._ends.set()
        self._heal()
        self._cut()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(tasks, timeout=5) if tasks else None
