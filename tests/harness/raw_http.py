"""HTTP byte by byte: what a client sends that keeps no rules, and the answer it gets."""

import http.client
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

ANSWER_SECONDS = 20
Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Request:
    method: str
    target: bytes
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def encode(self) -> bytes:
        """With what HTTP needs, where it is not given."""
        given = {name.lower() for name, _ in self.headers}
        headers = [*self.headers]
        if b"host" not in given:
            headers.append((b"Host", b"lrs.example"))
        if not given & {b"content-length", b"transfer-encoding"}:
            headers.append((b"Content-Length", str(len(self.body)).encode()))
        lines = [b"%s %s HTTP/1.1" % (self.method.encode(), self.target), *(b"%s: %s" % each for each in headers)]
        return b"\r\n".join([*lines, b"", self.body])


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


def exchange(url: str, sent: bytes, *, method: str = "GET", ends: bool = False) -> Answer | None:
    """None: the connection was closed without an answer. With `ends`, we say that nothing more will come."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 0), ANSWER_SECONDS) as connection:
        try:
            connection.sendall(sent)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            return _read(connection, method)
        except (ConnectionError, http.client.BadStatusLine):
            return None


def _read(connection: socket.socket, method: str) -> Answer:
    """TimeoutError: no answer in time."""
    response = http.client.HTTPResponse(connection, method=method)
    response.begin()
    try:
        return Answer(response.status, response.msg, response.read())
    finally:
        response.close()
