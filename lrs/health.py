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
        said, status = await look(services)
        return JSONResponse(said, status_code=status)

    return [Route("/health/live", live), Route("/health/ready", ready)]


async def look(services: Services) -> tuple[dict[str, str], int]:
    """With one of both away, statements are still taken; with the database away, nothing is read."""
    database = "ok" if await _answers(services) else "away"
    way = services.handover.way
    kafka = {"published": "ok", "through": "away", "none": "not used"}[way]
    said = {"database": database, "kafka": kafka, "statements": way if way == "published" else "written through"}
    if database == "ok":
        return {"status": "ok" if kafka != "away" else "degraded", **said}, 200
    if kafka == "ok":
        return {"status": "degraded", **said}, 200
    return {"status": "unavailable", **said, "statements": "refused"}, 503


async def _answers(services: Services) -> bool:
    try:
        async with services.database.connection() as connection:
            await connection.execute("select 1")
    except (*AWAY, Error):
        return False
    return True
