"""The page at the root: what runs here, and where to go. Nothing in it is secret, or any tenant's."""

import asyncio
import re
import time
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.metadata import version
from importlib.resources import files
from string import Template

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from core.settings import Settings
from lrs.health import look
from lrs.open_door import OpenDoor
from lrs.services import Services

PATH = "/"
FRESH_FOR = 1.0
HOST = "127.0.0.1"
INLINE = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


class Told(msgspec.Struct, frozen=True):
    """`statements_per_minute`: accepted by this process, of those that `workers` are."""

    version: str
    endpoint: str
    places: dict[str, str]
    status: str
    database: str
    kafka: str
    statements_per_minute: int
    workers: int


class Landing(OpenDoor):
    def __init__(self, services: Services) -> None:
        super().__init__(services, PATH)
        text = files("lrs").joinpath("landing.html").read_text(encoding="utf-8")
        self._page = Template(text)
        self._headers = {
            "Content-Security-Policy": content_policy(text),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Vary": "Accept",
        }
        self._turn = asyncio.Lock()
        self._told: Told | None = None
        self._told_at = 0.0

    async def show(self, scope: Scope, headers: Headers) -> Response:  # noqa: ARG002
        told = await self._look()
        if wants_json(headers.get("accept", "")):
            return Response(msgspec.json.encode(told), media_type="application/json", headers=self._headers)
        return Response(self._page.substitute(marked_up(told)), media_type="text/html", headers=self._headers)

    async def _look(self) -> Told:
        """Whoever asks, and however many: the database hears of it once a second."""
        async with self._turn:
            if self._told is None or time.monotonic() - self._told_at > FRESH_FOR:
                self._told = await tell(self._services)
                self._told_at = time.monotonic()
            return self._told


async def tell(services: Services) -> Told:
    settings, (said, _) = services.settings, await look(services)
    return Told(
        version("lyceum"), f"{settings.public_url}/xAPI", places(settings), said["status"], said["database"],
        said["kafka"], services.metrics.rate.per_minute, settings.lrs.workers,
    )  # fmt: skip


def places(settings: Settings) -> dict[str, str]:
    """In production, only what was made to be reached by everybody."""
    superset, dagster = settings.superset, settings.dagster
    if settings.mode == "production":
        return {"Dashboards": superset.url} if superset.url else {}
    found = {
        "Dashboards": superset.url or _on_this_machine(superset.port),
        "Dagster": _on_this_machine(dagster.port),
        "Metrics": f"{settings.public_url}/metrics",
    }
    return {name: url for name, url in found.items() if url}


def _on_this_machine(port: int | None) -> str | None:
    return f"http://{HOST}:{port}" if port else None


def content_policy(page: str) -> str:
    """What is written in the page itself, and nothing from anywhere else."""
    allowed = {kind: b64encode(sha256(text.encode()).digest()).decode() for kind, text in INLINE.findall(page)}
    return (
        f"default-src 'none'; style-src 'sha256-{allowed['style']}'; script-src 'sha256-{allowed['script']}'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def wants_json(accept: str) -> bool:
    return "application/json" in accept and "text/html" not in accept


def marked_up(told: Told) -> dict[str, str]:
    links = [f'<li>{escape(name)}: <a href="{escape(url)}">{escape(url)}</a></li>' for name, url in told.places.items()]
    texts = {name: escape(str(value)) for name, value in msgspec.structs.asdict(told).items()}
    share = f", in this one of {told.workers} processes" if told.workers > 1 else ""
    return texts | {"places": "\n".join(links), "share": share, "rate": f"{told.statements_per_minute:,}"}
