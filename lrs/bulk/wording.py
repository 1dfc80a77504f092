"""What a request is answered with a status, said to the person at the command."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Error

from core.database.address import DatabaseUnreachableError
from core.errors import UserError
from lrs.errors import AWAY, RequestError, to_request_error


class WrongOptionError(UserError):
    exit_code = 2


@contextmanager
def in_words(remedy: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # Whoever read what is written here.
        raise
    except AWAY as error:
        first_line = str(error).strip().partition("\n")[0].rstrip(".")
        raise DatabaseUnreachableError(f"The database went away: {first_line}.", remedy) from error
    except (RequestError, Error) as error:
        refusal = to_request_error(error)
        if refusal.status == 500:
            raise
        kind = WrongOptionError if refusal.status == 400 else UserError
        raise kind(refusal.message, "" if refusal.status < 500 else remedy) from error
