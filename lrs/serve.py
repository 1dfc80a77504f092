"""The LRS as a server: uvicorn, in one process or in several that share the port."""

import multiprocessing
import signal
import socket
import sys
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess

import uvicorn

from core.errors import UserError
from core.settings import DEFAULT_LRS_PORT, Settings
from lrs.app import create_app
from lrs.protocol import Protocol

FINISH_SECONDS = 10
BACKLOG = 1024


def serve(settings: Settings) -> None:
    listener = _listen(settings.lrs.host, settings.lrs.port or DEFAULT_LRS_PORT)
    if settings.lrs.workers == 1:
        run(settings, listener)
    else:
        run_several(settings, listener)


def run(settings: Settings, listener: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        http=Protocol,
        loop="uvloop",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=FINISH_SECONDS,
        timeout_keep_alive=75,
    )
    uvicorn.Server(config).run(sockets=[listener])


def run_several(settings: Settings, listener: socket.socket) -> None:
    """When one dies, all end: whoever supervises the whole starts it again."""
    # Forked before anything is open: no connection, no thread.
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=run, args=(settings, listener)) for _ in range(settings.lrs.workers)]
    for worker in workers:
        worker.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _end(workers))
    wait([worker.sentinel for worker in workers])
    _end(workers)
    for worker in workers:
        worker.join()
    sys.exit(max(abs(worker.exitcode or 0) for worker in workers) and 1)


def _end(workers: list[ForkProcess]) -> None:
    for worker in workers:
        if worker.is_alive():
            worker.terminate()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise UserError(
            f"The LRS cannot listen on {host}:{port}: {error.strerror}.", "Set LYCEUM_LRS_PORT to a free port."
        ) from error
