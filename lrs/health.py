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
        """With one of both away, statements are still taken; with the database away, nothing is read."""
        try:
            async with services.database.connection() as connection:
                await connection.execute("select 1")
            database = "ok"
        except (*AWAY, Error):
            database = "away"
        way = services.handover.way
        kafka = {"published": "ok", "through": "away", "none": "not used"}[way]
        said = {"database": database, "kafka": kafka, "statements": way if way == "published" else "written through"}
        if database == "ok":
            return JSONResponse({"status": "ok" if kafka != "away" else "degraded", **said})
        if kafka == "ok":
            return JSONResponse({"status": "degraded", **said})
        return JSONResponse({"status": "unavailable", **said, "statements": "refused"}, status_code=503)

    return [Route("/health/live", live), Route("/health/ready", ready)]
