"""The door of every xAPI resource: version, credential, limits, then the handler, then what each answer carries.

A plain ASGI application, since each layer of middleware would cost every request.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import structlog
from psycopg import Error
from starlette.concurrency import iterate_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from core.xapi.errors import StatementError
from core.xapi.times import format_timestamp
from core.xapi.versions import Version
from lrs.access_log import write_line
from lrs.alternate import Asked, is_alternate, unpack
from lrs.call import Call, Handler, parse_parameters
from lrs.compression import compress, decompress
from lrs.consistency import CONSISTENT_HEADER
from lrs.cors import allow, answer_options, is_allowed_by
from lrs.credentials import Credential
from lrs.errors import AWAY, BadRequestError, RequestError, error_response, to_request_error
from lrs.services import Services
from lrs.tenancy import TenantCheck

VERSION_HEADER = "X-Experience-API-Version"
ANSWERED_VERSION = {Version.V1: "1.0.3", Version.V2: "2.0.0"}
MIB = 1 << 20
# Of a form that says itself whose it is: until it is read, that may be anybody.
MOST_UNKNOWN_BYTES = MIB
# What learners did is nobody else's to keep, and new at any moment.
CACHE_CONTROL = "private, no-cache"

log = structlog.get_logger("lrs")


@dataclass
class Visit:
    """What became known of a request, for its log line and its answer."""

    version: Version = Version.V1
    credential: Credential | None = None
    is_public: bool = False
    is_read: bool = False


class Door:
    def __init__(self, services: Services, path: str, handlers: Mapping[str, Handler]) -> None:
        self._services = services
        self._path = path
        self._handlers = handlers
        self._most_bytes = services.settings.lrs.max_body_mb * MIB
        self._tenants = TenantCheck(services.settings.public_url)
        self.allowed = ", ".join(sorted({*handlers, "OPTIONS", *({"HEAD"} if "GET" in handlers else ())}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers = Headers(scope=scope)
        request_id = headers.get("x-request-id", "")[:100] or uuid4().hex
        visit = Visit()
        try:
            response = await self._answer(scope, receive, headers, visit)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer
            response = self._refuse(error, request_id)
        if visit.is_read:
            response.headers["Cache-Control"] = CACHE_CONTROL
            if visit.credential is not None:
                await self._say_how_far(response, visit.credential.tenant_id)
        response.headers[VERSION_HEADER] = ANSWERED_VERSION[visit.version]
        response.headers["X-Request-ID"] = request_id
        if scope["method"] != "OPTIONS" and (origin := headers.get("origin")) is not None:
            allow(response, origin, is_allowed=visit.is_public or is_allowed_by(visit.credential, origin))
        compress(response, headers.get("accept-encoding", ""))
        if scope["method"] == "HEAD":
            drop_body(response)
        self._note(scope, response.status_code, began, request_id, visit)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, headers: Headers, visit: Visit) -> Response:
        if scope["method"] == "OPTIONS":
            return await answer_options(self._services.origins, headers, self.allowed)
        asked = await self._unpack(scope, receive, headers)
        visit.version = self.version_of(asked.headers)
        handler = self._handler(asked.method)
        visit.credential = await self._identify(scope, asked.headers)
        self._tenants.refuse_mismatch(headers, visit.credential)
        self._services.rate_limit.take(visit.credential.tenant_id)
        body = await self._body(receive, headers, self._most_bytes) if asked.body is None else asked.body
        call = Call(
            asked.method, self._path, asked.parameters, asked.headers, body, visit.version, visit.credential,
            self._services,
        )  # fmt: skip
        visit.is_read = asked.method in ("GET", "HEAD")
        return await handler(call)

    async def _say_how_far(self, response: Response, tenant_id: int) -> None:
        """Also where nothing was found: who waits for a statement must know how long to wait."""
        if CONSISTENT_HEADER in response.headers:
            return
        with suppress(*AWAY, Error):
            through = await self._services.consistency.through(tenant_id)
            response.headers[CONSISTENT_HEADER] = format_timestamp(through)

    async def _unpack(self, scope: Scope, receive: Receive, headers: Headers) -> Asked:
        method = scope["method"]
        parameters = parse_parameters(scope["query_string"].decode("latin-1"))
        if not is_alternate(method, parameters, headers):
            return Asked(method, parameters, headers)
        most = min(self._most_bytes, MOST_UNKNOWN_BYTES)
        if "authorization" in headers:
            await self._identify(scope, headers)
            most = self._most_bytes
        return unpack(parameters, headers, await self._body(receive, headers, most))

    def version_of(self, headers: Headers) -> Version:
        return parse_version(headers.get(VERSION_HEADER))

    def _handler(self, method: str) -> Handler:
        handler = self._handlers.get("GET" if method == "HEAD" else method)
        if handler is None:
            raise self.not_allowed()
        return handler

    def not_allowed(self) -> RequestError:
        return RequestError(405, "method_not_allowed", f"Allowed here: {self.allowed}.", {"Allow": self.allowed})

    async def _body(self, receive: Receive, headers: Headers, most: int) -> bytes:
        body = await read_body(receive, headers, most)
        return decompress(body, headers.get("content-encoding", ""), most)

    async def _identify(self, scope: Scope, headers: Headers) -> Credential:
        client: Any = scope.get("client")
        return await self._services.credentials.identify(headers.get("authorization"), client[0] if client else "")

    def _note(self, scope: Scope, status: int, began: float, request_id: str, visit: Visit) -> None:
        metrics, method = self._services.metrics, scope["method"]
        metrics.requests.labels(self._path, method, status).inc()
        metrics.seconds.labels(self._path, method).observe(time.perf_counter() - began)
        if self._services.settings.lrs.access_log:
            tenant = visit.credential.slug if visit.credential else None
            write_line(scope, status, began, request_id, tenant)

    def _refuse(self, error: Exception, request_id: str) -> Response:
        refusal = to_request_error(error)
        self._services.metrics.rejects.labels(refusal.code).inc()
        if refusal.status >= 500 and refusal.status != 503:
            log.error("request failed", request_id=request_id, path=self._path, exc_info=error)
        return error_response(refusal, error.path if isinstance(error, StatementError) else None)


def drop_body(response: Response) -> None:
    if isinstance(response, StreamingResponse):
        response.body_iterator = iterate_in_threadpool(())
    else:
        response.body = b""


def parse_version(header: str | None) -> Version:
    if header is None:
        raise BadRequestError("version", f"The header {VERSION_HEADER} is missing. Allowed: 1.0.x, 2.0.x.")
    if header == "1.0" or header.startswith("1.0."):
        return Version.V1
    if header == "2.0" or header.startswith("2.0."):
        return Version.V2
    raise BadRequestError(
        "version", f"The header {VERSION_HEADER} says a version not known here. Allowed: 1.0.x, 2.0.x."
    )


async def read_body(receive: Receive, headers: Headers, most: int) -> bytes:
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise too_large(most)
    parts: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError(499, "gone", "The client went away.")
        part: Any = message.get("body", b"")
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def too_large(most: int) -> RequestError:
    return RequestError(413, "too_large", f"The body is larger than {most} bytes, which is the most that is taken.")
