"""Whether this process lives, and whether it is ready to serve."""

from psycopg import Error
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from lrs.errors import AWAY
from lrs.services import Services


def routes(services: Services) -> list[BaseRoute]:
    async def live(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> JSONResponse:
        try:
            async with services.database.connection() as connection:
                await connection.execute("select 1")
        except (*AWAY, Error):
            return JSONResponse({"status": "unavailable", "database": "away"}, status_code=503)
        return JSONResponse({"status": "ok", "database": "ok"})

    return [Route("/health/live", live), Route("/health/ready", ready)]
