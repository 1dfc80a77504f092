"""Assembles the LRS: which resource answers where."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from core.settings import Settings
from lrs import health, statements
from lrs.call import Handler
from lrs.door import Door
from lrs.services import Services, make_services

# Both spellings of the path are in use.
PREFIXES = ("/xAPI", "/xapi")

RESOURCES: dict[str, dict[str, Handler]] = {
    "/statements": {
        "GET": statements.get_statements,
        "PUT": statements.put_statement,
        "POST": statements.post_statements,
    },
}


def create_app(settings: Settings) -> Starlette:
    services = make_services(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await services.open()
        yield
        await services.close()

    return Starlette(
        routes=[*_xapi_routes(services), *health.routes(services), *services.metrics.routes()], lifespan=lifespan
    )


def _xapi_routes(services: Services) -> list[BaseRoute]:
    return [
        Route(prefix + path, Door(services, path, handlers))
        for prefix in PREFIXES
        for path, handlers in RESOURCES.items()
    ]
