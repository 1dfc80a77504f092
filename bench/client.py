"""A lean HTTP client on one keep-alive connection: beside what it measures on two cores, it must cost little."""

import socket
from types import TracebackType
from typing import NamedTuple, Self

from bench.servers import HOST, Access

LARGEST_READ = 1 << 18


class Answer(NamedTuple):
    status: int
    body: bytes


class Client:
    def __init__(self, port: int, access: Access) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = (
            f" HTTP/1.1\r\nHost: {HOST}\r\nX-Experience-API-Version: 1.0.3\r\n"
            f"Authorization: {access.authorization}\r\nContent-Type: application/json\r\n"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def get(self, target: str) -> Answer:
        return self._ask(f"GET {target}{self._headers}\r\n".encode())

    def post(self, target: str, body: bytes) -> Answer:
        return self._ask(f"POST {target}{self._headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def _ask(self, request: bytes) -> Answer:
        self._socket.sendall(request)
        received = self._receive()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        head = received[:end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start : head.find(b"\r\n", start) if b"\r\n" in head[start:] else None])
        parts, missing = [received[end + 4 :]], length - (len(received) - end - 4)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        return Answer(int(head[9:12]), b"".join(parts))

    def _receive(self) -> bytes:
        received = self._socket.recv(LARGEST_READ)
        if not received:
            raise ConnectionError("the LRS closed the connection")
        return received
