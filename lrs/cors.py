"""Browsers on other sites: who may ask from where, and see what of the answer."""

import time

from starlette.datastructures import Headers
from starlette.responses import Response

from lrs.credentials import Credential
from lrs.database import Database

QUERY = "select control.allows_origin(%s)"
ANY = "*"
FRESH_FOR = 3.0
REMEMBERED = 1000
LONGEST_ORIGIN = 300
PREFLIGHT_SECONDS = "600"
EXPOSED = ", ".join((
    "ETag", "Last-Modified", "X-Experience-API-Version", "X-Experience-API-Consistent-Through", "X-Request-ID",
    "Retry-After",
))  # fmt: skip


class Origins:
    """Whether any tenant expects an origin: all that can be said before a credential comes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[bool, float]] = {}

    async def expected(self, origin: str) -> bool:
        if len(origin) > LONGEST_ORIGIN:
            return False
        is_expected, asked_at = self._known.get(origin, (False, 0.0))
        if asked_at and time.monotonic() - asked_at < FRESH_FOR:
            return is_expected
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        is_expected = await self._ask(origin)
        self._known[origin] = (is_expected, time.monotonic())
        return is_expected

    async def _ask(self, origin: str) -> bool:
        async with self._database.connection() as connection:
            row = await (await connection.execute(QUERY, [origin])).fetchone()
        return row == (True,)


async def answer_options(origins: Origins, headers: Headers, allowed_methods: str) -> Response:
    response = Response(status_code=204, headers={"Allow": allowed_methods})
    origin = headers.get("origin")
    if origin is None:
        return response
    response.headers.add_vary_header("Origin")
    if "access-control-request-method" in headers and await origins.expected(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = allowed_methods
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
        # Tools that watch a page add headers of their own; which ones an expected origin sends is its business.
        if wanted := headers.get("access-control-request-headers"):
            response.headers["Access-Control-Allow-Headers"] = wanted
            response.headers.add_vary_header("Access-Control-Request-Headers")
    return response


def allow(response: Response, origin: str, *, is_allowed: bool) -> None:
    """Never with Access-Control-Allow-Credentials: a login that the browser keeps is not another site's to use."""
    response.headers.add_vary_header("Origin")
    if is_allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED


def is_allowed_by(credential: Credential | None, origin: str) -> bool:
    return credential is not None and not {origin, ANY}.isdisjoint(credential.allowed_origins)
