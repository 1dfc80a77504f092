"""Assembles the LRS: which resource answers where."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from core.settings import Settings
from lrs import about, activities, activity_profile, agent_profile, agents, events, health, state, statements
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
    "/activities/state": {
        "GET": state.get_state,
        "PUT": state.put_state,
        "POST": state.post_state,
        "DELETE": state.delete_state,
    },
    "/agents/profile": {
        "GET": agent_profile.get_profile,
        "PUT": agent_profile.put_profile,
        "POST": agent_profile.post_profile,
        "DELETE": agent_profile.delete_profile,
    },
    "/activities/profile": {
        "GET": activity_profile.get_profile,
        "PUT": activity_profile.put_profile,
        "POST": activity_profile.post_profile,
        "DELETE": activity_profile.delete_profile,
    },
    "/agents": {"GET": agents.get_person},
    "/activities": {"GET": activities.get_activity},
}


def create_app(settings: Settings) -> Starlette:
    services = make_services(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await services.open()
        yield
        await services.close()

    return Starlette(
        routes=[
            *_xapi_routes(services),
            Route(events.PATH, events.EventsDoor(services)),
            *health.routes(services),
            *services.metrics.routes(),
        ],
        lifespan=lifespan,
    )


def _xapi_routes(services: Services) -> list[BaseRoute]:
    doors: dict[str, Door] = {path: Door(services, path, handlers) for path, handlers in RESOURCES.items()}
    doors[about.PATH] = about.About(services)
    return [Route(prefix + path, door) for prefix in PREFIXES for path, door in doors.items()]
