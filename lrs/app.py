"""Assembles the LRS: which resource answers where."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.settings import Settings
from lrs import about, activities, activity_profile, agent_profile, agents, events, health, landing, state, statements
from lrs.call import Handler
from lrs.door import Door
from lrs.errors import RequestError, error_response
from lrs.services import Services, make_services

# Both spellings of the path are in use, and old content ends it with a slash. A redirect would not do: browsers follow
# none before a request from another site.
PREFIXES = ("/xAPI", "/xapi")
ENDS = ("", "/")

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

NAMED = ", ".join([*RESOURCES, about.PATH])


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
            Route(landing.PATH, landing.Landing(services)),
            Route(events.PATH, events.EventsDoor(services)),
            *health.routes(services),
            *services.metrics.routes(),
        ],
        exception_handlers={404: _no_such_path},
        lifespan=lifespan,
    )


async def _no_such_path(_: Request, __: Exception) -> Response:
    return error_response(
        RequestError(404, "unknown_path", f"There is nothing here. Below {PREFIXES[0]} are: {NAMED}.")
    )


def _xapi_routes(services: Services) -> list[BaseRoute]:
    doors: dict[str, Door] = {path: Door(services, path, handlers) for path, handlers in RESOURCES.items()}
    doors[about.PATH] = about.About(services)
    return [Route(prefix + path + end, door) for end in ENDS for prefix in PREFIXES for path, door in doors.items()]
