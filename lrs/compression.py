"""gzip, both ways, with a bound: a small body must not become a huge one."""

import gzip
import zlib

from starlette.responses import Response, StreamingResponse

from core.xapi.errors import shown_text
from lrs.errors import BadRequestError, RequestError

WORTH_IT = 1024
QUICK = 1
GZIP_WINDOW = 16 + zlib.MAX_WBITS


def decompress(body: bytes, encoding: str, most: int) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise RequestError(415, "content_encoding", f"Content-Encoding: found {shown_text(encoding)}. Allowed: gzip.")
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        plain = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise BadRequestError("content_encoding", "The body says it is gzip, and is not.") from error
    if len(plain) > most or unpacker.unconsumed_tail:
        raise RequestError(413, "too_large", f"The body is larger than {most} bytes when unpacked.")
    if not unpacker.eof or unpacker.unused_data:
        raise BadRequestError("content_encoding", "The gzip body is cut off, or has something behind it.")
    return plain


def compress(response: Response, accepted: str) -> None:
    # Attachments come piece by piece, and are mostly compressed already.
    if (
        isinstance(response, StreamingResponse)
        or len(response.body) < WORTH_IT
        or "gzip" not in accepted
        or "content-encoding" in response.headers
    ):
        return
    response.body = gzip.compress(bytes(response.body), QUICK, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    response.headers.add_vary_header("Accept-Encoding")
    if "etag" in response.headers:
        # It is the digest of the content, and these are other bytes.
        response.headers["ETag"] = "W/" + response.headers["etag"].removeprefix("W/")
