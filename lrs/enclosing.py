"""The answer to GET with attachments=true: the statements, and after them the data of their attachments."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import msgspec
import structlog
from starlette.responses import Response, StreamingResponse

from lrs.call import Call
from lrs.incoming import HASH, JSON
from lrs.multipart import MULTIPART, closing, new_boundary, opening

log = structlog.get_logger("lrs.attachments")


class StoredAttachment(msgspec.Struct, rename="camel", gc=False):
    content_type: str
    sha2: str


class StoredObject(msgspec.Struct, gc=False):
    attachments: list[StoredAttachment] = []


class StoredStatement(msgspec.Struct, gc=False):
    object: StoredObject
    attachments: list[StoredAttachment] = []


_decode = msgspec.json.Decoder(StoredStatement).decode


async def enclose(call: Call, content: bytes, bodies: Iterable[bytes], headers: Mapping[str, str]) -> Response:
    """`content` is what the answer would be without attachments, `bodies` are its statements as stored."""
    boundary = new_boundary()
    media_type = f"{MULTIPART}; boundary={boundary}"
    if call.method == "HEAD":
        return StreamingResponse(iter(()), media_type=media_type, headers=headers)
    enclosed = _enclosed(call, boundary, await _to_enclose(call, bodies))
    # Asked for before the answer begins: storage that is away is a 503 then, and not half an answer.
    first = await anext(enclosed, b"")

    async def pieces() -> AsyncIterator[bytes]:
        yield opening(boundary, {"Content-Type": JSON}).lstrip() + content
        if first:
            yield first
        async for piece in enclosed:
            yield piece
        yield closing(boundary)

    return StreamingResponse(pieces(), media_type=media_type, headers=headers)


async def _to_enclose(call: Call, bodies: Iterable[bytes]) -> dict[str, str]:
    """Content types by hash, as the first statement has it."""
    named: dict[str, str] = {}
    for statement in map(_decode, bodies):
        for attachment in (*statement.attachments, *statement.object.attachments):
            named.setdefault(attachment.sha2.lower(), attachment.content_type)
    if not named:
        return {}
    kept = await call.services.attachments.kept(call.credential, named)
    return {sha2: content_type for sha2, content_type in named.items() if sha2 in kept}


async def _enclosed(call: Call, boundary: str, attachments: Mapping[str, str]) -> AsyncIterator[bytes]:
    for sha2, content_type in attachments.items():
        headers: dict[str, Any] = {"Content-Type": content_type, "Content-Transfer-Encoding": "binary", HASH: sha2}
        start = opening(boundary, headers)
        try:
            async for piece in call.services.attachments.read(call.credential, sha2):
                yield start + piece
                start = b""
        except FileNotFoundError:
            log.warning("data of an attachment is gone", tenant=call.credential.slug, sha2=sha2)
            continue
        if start:
            yield start
