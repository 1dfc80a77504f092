"""What a request to store statements brings: the statements, and beside them the data of their attachments."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from core.xapi.attachments import Attachment
from core.xapi.batches import SEVERAL, SINGLE, Batch, read_batch
from core.xapi.errors import StatementError, shown_text
from core.xapi.statements import Statement, SubStatement
from core.xapi.versions import Version
from lrs.attachments import Delivered
from lrs.call import Call
from lrs.errors import BadRequestError
from lrs.multipart import MULTIPART, Part, boundary_of, malformed, split
from lrs.signatures import check_signature

JSON = "application/json"
HASH = "X-Experience-API-Hash"
# By the number of hexadecimal digits.
ALGORITHMS = {56: hashlib.sha224, 64: hashlib.sha256, 96: hashlib.sha384, 128: hashlib.sha512}


class Named(NamedTuple):
    """An attachment as a statement names it. `signs` is the statement that it is a signature of."""

    path: str
    attachment: Attachment
    signs: Statement | None


class Incoming(NamedTuple):
    batch: Batch
    delivered: Sequence[Delivered] = ()


async def read_incoming(call: Call) -> Incoming:
    content_type = call.headers.get("content-type", "")
    match media_type(content_type):
        case "application/json":
            batch = read_batch(call.body, call.version)
            _refuse_without_data(_named(batch), {})
            return Incoming(batch)
        case "multipart/mixed":
            return await _read_multipart(call.body, boundary_of(content_type), call.version)
        case other:
            raise BadRequestError(
                "content_type", f"Content-Type: found {shown_text(other) or 'nothing'}. Allowed: {JSON}, {MULTIPART}."
            )


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


async def _read_multipart(body: bytes, boundary: bytes, version: Version) -> Incoming:
    # Looking through megabytes leaves the loop to others.
    parts = await asyncio.to_thread(split, body, boundary)
    if not parts or media_type(parts[0].headers.get("content-type", "")) != JSON:
        raise malformed(f"Part 1 must be the statements, and say so: Content-Type: {JSON}.")
    batch = read_batch(bytes(parts[0].content), version)
    named = _named(batch)
    delivered = await asyncio.to_thread(_check, named, parts[1:], version)
    return Incoming(batch, delivered)


def _named(batch: Batch) -> list[Named]:
    named: list[Named] = []
    for index, statement in enumerate(batch.statements):
        if statement.attachments or isinstance(statement.object, SubStatement):
            path = f"{SEVERAL}[{index}]" if batch.is_array else SINGLE
            named += [one._replace(path=f"{path}.{one.path}") for one in named_by(statement)]
    return named


def named_by(statement: Statement) -> Iterator[Named]:
    """Paths are relative to the statement."""
    for index, attachment in enumerate(statement.attachments):
        yield Named(f"attachments[{index}]", attachment, statement if attachment.is_signature else None)
    if isinstance(statement.object, SubStatement):
        for index, attachment in enumerate(statement.object.attachments):
            yield Named(f"object.attachments[{index}]", attachment, None)


def _check(named: Sequence[Named], parts: Sequence[Part], version: Version) -> list[Delivered]:
    by_hash: dict[str, list[Attachment]] = {}
    for one in named:
        by_hash.setdefault(one.attachment.sha2, []).append(one.attachment)
    delivered = {one.sha2: one for one in (_deliver(part, by_hash) for part in parts)}
    _refuse_without_data(named, delivered)
    for one in named:
        if one.signs is not None:
            _check_signature(one, delivered[one.attachment.sha2], version)
    return list(delivered.values())


def _refuse_without_data(named: Sequence[Named], delivered: Mapping[str, Delivered]) -> None:
    """Known from another request does not count: who names a hash must not come by the data."""
    for one in named:
        if one.attachment.sha2 in delivered:
            continue
        if one.signs is not None:
            raise StatementError(one.path, "a signature without its data", f"one with a part of its own, by {HASH}")
        if one.attachment.file_url is None:
            raise StatementError(one.path, "no data", f"a fileUrl, or a part of {MULTIPART} with the data, by {HASH}")


def _deliver(part: Part, by_hash: Mapping[str, Sequence[Attachment]]) -> Delivered:
    sha2 = part.headers.get(HASH.lower(), "").lower()
    if not sha2:
        raise _wrong(part, f"the header {HASH} is missing")
    encoding = part.headers.get("content-transfer-encoding", "")
    if encoding.lower() != "binary":
        raise _wrong(part, f"Content-Transfer-Encoding: found {shown_text(encoding) or 'nothing'}. Allowed: binary")
    if sha2 not in by_hash:
        raise _wrong(part, f"no attachment of the statements in part 1 has its {HASH} as sha2")
    if ALGORITHMS[len(sha2)](part.content).hexdigest() != sha2:
        raise _wrong(part, f"{HASH} is not the SHA-2 sum of its {len(part.content)} bytes")
    attachment = _described(part, by_hash[sha2])
    return Delivered(sha2, attachment.content_type, part.content)


def _described(part: Part, attachments: Sequence[Attachment]) -> Attachment:
    """What the part says about itself, if anything, must be what a statement says about the attachment."""
    length = part.headers.get("content-length")
    if length is not None and length not in {str(one.length) for one in attachments}:
        found, allowed = shown_text(length), attachments[0].length
        raise _wrong(part, f"Content-Length: found {found}. Allowed: {allowed}, the attachment's length")
    content_type = part.headers.get("content-type", attachments[0].content_type)
    for one in attachments:
        # The specification's own example differs in the parameters.
        if media_type(content_type) == media_type(one.content_type):
            return one
    raise _wrong(
        part,
        f"Content-Type: found {shown_text(content_type)}. Allowed: {shown_text(attachments[0].content_type)}, "
        "the attachment's contentType",
    )


def _check_signature(signature: Named, delivered: Delivered, version: Version) -> None:
    if signature.signs is not None:
        try:
            check_signature(signature.signs, bytes(delivered.content), version)
        except StatementError as error:
            raise error.under(signature.path) from None


def _wrong(part: Part, what: str) -> BadRequestError:
    return malformed(f"Part {part.number}: {what}.")
