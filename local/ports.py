"""Ports on loopback: given, kept from the last start, or found free."""

import json
import socket
from pathlib import Path

import psutil

from core.errors import UserError

HOST = "127.0.0.1"
_taken: set[int] = set()


def choose_port(name: str, given: int | None, variable: str, kept: Path, preferred: int | None = None) -> int:
    if given is not None:
        require_free(given, variable)
        return given
    ports: dict[str, int] = json.loads(kept.read_text(encoding="ascii")) if kept.exists() else {}
    if name not in ports or not _take(ports[name]):
        found = preferred if preferred and _take(preferred) else find_free(set(ports.values()))
        while not _take(found):
            found = find_free({found, *ports.values()})
        ports[name] = found
        kept.write_text(json.dumps(ports, indent=1), encoding="ascii")
    return ports[name]


def _take(port: int) -> bool:
    """Whether it is free, and nobody else who starts at this moment has taken it: its server will listen a while later.

    What says so is a name in the kernel, which goes when this process ends, however it ends.
    """
    if port in _taken:
        return True
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0lyceum/port/{port}")
    except OSError:
        claim.close()
        return False
    if not is_free(port):
        claim.close()
        return False
    # Not to be closed when nobody names it any more.
    claim.detach()
    _taken.add(port)
    return True


def require_free(port: int, variable: str) -> None:
    if not is_free(port):
        raise UserError(
            f"Port {port}, from {variable}, is busy{_holder(port)}.",
            f"Stop what uses it, set {variable} to another port, or unset it and a free one is found.",
        )


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


def find_free(taken: set[int]) -> int:
    while True:
        with socket.socket() as listener:
            listener.bind((HOST, 0))
            port: int = listener.getsockname()[1]
        if port not in taken:
            return port


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
            return f" (held by process {connection.pid}, {psutil.Process(connection.pid).name()})"
    return ""
