"""What can go wrong with a request, and what the answer then is: one table."""

import msgspec
from psycopg import OperationalError
from psycopg.errors import QueryCanceled, ReadOnlySqlTransaction
from psycopg_pool import PoolClosed, PoolTimeout
from starlette.responses import Response

from core.xapi.errors import StatementError

RETRY_AFTER = "5"


class RequestError(Exception):
    """The client's mistake, or the server's state: a status, a stable code, and a sentence."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


class BadRequestError(RequestError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(400, code, message)


class ForbiddenError(RequestError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(403, code, message)


class InvalidEventError(StatementError):
    """Something is wrong with a domain event."""


class UnavailableError(RequestError):
    def __init__(self, message: str = "The database cannot be reached; nothing was stored. Try again.") -> None:
        super().__init__(503, "unavailable", message, {"Retry-After": RETRY_AFTER})


# Anything else is our own mistake: 500, logged with its traceback. A standby is read-only before it takes over, and so
# is a database whose provider finds its disk nearly full.
AWAY = (OperationalError, ReadOnlySqlTransaction, PoolTimeout, PoolClosed, ConnectionError)


def to_request_error(error: Exception) -> RequestError:
    match error:
        case RequestError():
            return error
        case InvalidEventError():
            return BadRequestError("invalid_event", str(error))
        case StatementError():
            return BadRequestError("invalid_statement", str(error))
        case QueryCanceled():
            return RequestError(
                503, "too_slow", "The query took too long; narrow it down.", {"Retry-After": RETRY_AFTER}
            )
        case _ if isinstance(error, AWAY):
            return UnavailableError()
        case _:
            return RequestError(500, "internal", "Something went wrong on our side; it is in the log.")


def error_response(error: RequestError, path: str | None = None) -> Response:
    body = {"error": error.code, "message": error.message}
    if path:
        body["path"] = path
    return Response(
        msgspec.json.encode(body), status_code=error.status, media_type="application/json", headers=error.headers
    )
