"""Dagster's pages, for whoever sits at this machine.

They have no login, and do whatever a request asks. So that pages of other sites, open in the same browser, ask nothing
here: a request that says it comes from elsewhere is refused. Run as a program, it takes dagster-webserver's arguments.
"""

import re
from typing import Any

import dagster_webserver.app
from dagster_webserver.cli import main
from dagster_webserver.webserver import DagsterWebserver
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

# Another name for this machine would be another site's, which may say of its name what it likes.
NAMES = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
OWN = {"same-origin", "none"}
REFUSED = "These pages are asked at 127.0.0.1 or localhost, and by themselves only.\n"


class FromHere:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_from_here(scope.get("method", "GET"), Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await PlainTextResponse(REFUSED, status_code=403)(scope, receive, send)


def is_from_here(method: str, headers: Headers) -> bool:
    """A program says nothing of where it comes from; a browser always does."""
    host = headers.get("host", "")
    if not NAMES.fullmatch(host) or headers.get("origin", f"http://{host}") != f"http://{host}":
        return False
    return headers.get("sec-fetch-site", "none") in OWN or _follows_link(method, headers)


def _follows_link(method: str, headers: Headers) -> bool:
    """To a page of its own, not into a frame or an image of another's."""
    return method == "GET" and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == (
        "navigate",
        "document",
    )


class Pages(DagsterWebserver[Any, Any]):
    def build_middleware(self) -> list[Middleware]:
        return [Middleware(FromHere), *super().build_middleware()]


if __name__ == "__main__":
    # It has no place for middleware of ours.
    dagster_webserver.app.DagsterWebserver = Pages  # type: ignore[attr-defined]
    main()  # type: ignore[no-untyped-call]
