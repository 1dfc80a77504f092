"""HTTP as uvicorn's fast parser reads it, and what that leaves out: a bound on what comes before a body, requests that
offer an upgrade, and refusals in the form of all others."""

from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from lrs.errors import BadRequestError, RequestError, error_response

# The line of a request and its headers; and what may come between the pieces of a body, or after it.
MOST_HEAD_BYTES = 1 << 16
LARGE = RequestError(431, "too_large", f"The address and the headers are larger than {MOST_HEAD_BYTES} bytes together.")
BAD = BadRequestError("bad_http", "This is not a request of HTTP/1.1.")


class HeadTooLargeError(Exception):
    pass


class Protocol(HttpToolsProtocol):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
            self._bound_head(self._head_bytes)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
        except (httptools.HttpParserError, HeadTooLargeError) as error:
            self._refuse(LARGE if HeadTooLargeError in (type(error), type(error.__context__)) else BAD)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Who has said all there is to say still waits for the answer: the connection stays open for it."""
        cycle: RequestResponseCycle | None = vars(self)["cycle"]
        if cycle is None or cycle.more_body or cycle.response_complete:
            return False
        cycle.keep_alive = False
        return True

    def on_headers_complete(self) -> None:
        self._head_bytes = 0
        self._bound_head(len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers))
        if not self.parser.should_upgrade():
            super().on_headers_complete()
            # What comes after the pieces of a body is no header.
            self.headers = []

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _bound_head(self, size: int) -> None:
        if size > MOST_HEAD_BYTES:
            raise HeadTooLargeError

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """The parser takes what follows an offer to upgrade for another protocol, so that the body would be lost, and
        read as a request. Java's own client offers HTTP/2 that way, with a request like any other."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            self._refuse(BAD)
            return
        headers = [b"%s: %s" % each for each in self.headers if each[0] != b"upgrade"]
        line = b"%s %s HTTP/%s" % (method, self.url, version.encode())
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join([line, *headers, b"", rest]))

    def _refuse(self, error: RequestError) -> None:
        answer = error_response(error)
        line = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}".encode()
        headers = [*self.server_state.default_headers, *answer.raw_headers, (b"connection", b"close")]
        self.transport.write(b"\r\n".join([line, *(b"%s: %s" % each for each in headers), b"", bytes(answer.body)]))
        self.transport.close()
