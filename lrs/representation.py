"""An answer to GET that a client may ask for again, or base a change on."""

from datetime import datetime
from email.utils import format_datetime
from hashlib import sha1

from starlette.responses import Response

from lrs.call import Call
from lrs.errors import RequestError
from lrs.preconditions import Preconditions

JSON = "application/json"


def make_etag(content: bytes) -> str:
    """SHA-1 in hexadecimal, which 1.0.3 prescribes, and clients compute for themselves."""
    return sha1(content, usedforsecurity=False).hexdigest()


def represent(call: Call, content: bytes, content_type: str = JSON, updated_at: datetime | None = None) -> Response:
    etag = make_etag(content)
    headers = {"ETag": f'"{etag}"'}
    if updated_at is not None:
        headers["Last-Modified"] = format_datetime(updated_at, usegmt=True)
    preconditions = Preconditions.parse(call.headers)
    if not preconditions.matches(etag):
        raise RequestError(412, "precondition_failed", "What is there is not what If-Match expects.", headers)
    if not preconditions.hold(etag):
        return Response(status_code=304, headers=headers)
    # Not as media_type, to which a charset would be added.
    return Response(content, headers={**headers, "Content-Type": content_type})
