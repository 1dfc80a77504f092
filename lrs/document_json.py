"""JSON documents: what may be stored as one, and how one is merged into another."""

from msgspec import DecodeError

from core.xapi.errors import StatementError
from core.xapi.storable import refuse_bad_characters, refuse_bad_utf8, refuse_depth
from core.xapi.values import compact, encode, free, open_object
from lrs.errors import BadRequestError

JSON = "application/json"


def is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == JSON


def check_json(content: bytes) -> None:
    try:
        refuse_bad_utf8(content)
        refuse_depth(content)
        refuse_bad_characters(content)
        free(compact(content))
    except DecodeError as error:
        raise BadRequestError("invalid_document", f"The document is not JSON: {error}.") from error
    except StatementError as error:
        raise BadRequestError("invalid_document", f"{error.message} {error.remedy}") from error


def merge(stored: bytes, posted: bytes) -> bytes:
    """At the top level only; values stay as they were written."""
    return encode({**_object("the stored document", stored), **_object("the posted document", posted)})


def _object(which: str, content: bytes) -> dict[str, object]:
    try:
        return dict(open_object(content))
    except StatementError as error:
        raise BadRequestError("not_mergeable", f"POST merges objects, and {which} is none.") from error
