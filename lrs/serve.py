"""The LRS as a server: uvicorn, one process or several that share the port."""

import socket

import uvicorn
import uvicorn.supervisors

from core.errors import UserError
from core.settings import Settings
from lrs.app import create_app

FINISH_SECONDS = 10
BACKLOG = 1024


def serve(settings: Settings) -> None:
    listener = _listen(settings.lrs.host, settings.lrs.port)
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        http="httptools",
        loop="uvloop",
        ws="none",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=FINISH_SECONDS,
        timeout_keep_alive=75,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG, reuse_port=True)
    except OSError as error:
        raise UserError(
            f"The LRS cannot listen on {host}:{port}: {error.strerror}.", "Set LYCEUM_LRS_PORT to a free port."
        ) from error
