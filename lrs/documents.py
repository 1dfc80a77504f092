"""What activity state and the two profiles have in common: documents with their ETags and preconditions."""

import msgspec
from starlette.responses import Response

from core.xapi.versions import Version
from lrs.call import Call
from lrs.document_json import check_json, is_json, merge
from lrs.document_store import Document, Place, change, delete_all, find, list_ids
from lrs.errors import BadRequestError, RequestError
from lrs.parameters import parse_moment
from lrs.preconditions import Preconditions
from lrs.representation import make_etag, represent

UNTYPED = "application/octet-stream"
# What a document says of itself must not run as a page of this server.
HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}


async def get_document(call: Call, place: Place, document_id: str) -> Response:
    found = await find(call.services.database, place, document_id)
    if found is None:
        raise RequestError(404, "not_found", "There is no such document.")
    response = represent(call, found.content, found.content_type, found.updated_at)
    response.headers.update(HARMLESS)
    return response


async def get_ids(call: Call, place: Place) -> Response:
    found = await list_ids(call.services.database, place, parse_moment(call, "since"))
    newest = max((updated_at for _, updated_at in found), default=None)
    return represent(call, msgspec.json.encode([document_id for document_id, _ in found]), updated_at=newest)


async def put_document(call: Call, place: Place, document_id: str) -> Response:
    content_type = _checked_type(call)
    preconditions = Preconditions.parse(call.headers)
    etag = make_etag(call.body)
    async with change(call.services.database, place, document_id) as transaction:
        stored = await transaction.find()
        if preconditions.are_missing:
            _refuse_blind_put(call.version, place, stored)
        _refuse_failed(preconditions, stored)
        await transaction.store(content_type, call.body, etag)
    return Response(status_code=204, headers={"ETag": f'"{etag}"'})


async def post_document(call: Call, place: Place, document_id: str) -> Response:
    content_type = _checked_type(call)
    preconditions = Preconditions.parse(call.headers)
    async with change(call.services.database, place, document_id) as transaction:
        stored = await transaction.find()
        _refuse_failed(preconditions, stored)
        content = call.body if stored is None else _merged(call, stored, content_type)
        await transaction.store(content_type, content, make_etag(content))
    return Response(status_code=204)


async def delete_document(call: Call, place: Place, document_id: str) -> Response:
    preconditions = Preconditions.parse(call.headers)
    async with change(call.services.database, place, document_id) as transaction:
        _refuse_failed(preconditions, await transaction.find())
        await transaction.delete()
    return Response(status_code=204)


async def delete_documents(call: Call, place: Place) -> Response:
    await delete_all(call.services.database, place)
    return Response(status_code=204)


def _checked_type(call: Call) -> str:
    content_type = call.headers.get("content-type") or UNTYPED
    if is_json(content_type):
        check_json(call.body)
    return content_type


def _merged(call: Call, stored: Document, content_type: str) -> bytes:
    if not (is_json(stored.content_type) and is_json(content_type)):
        raise BadRequestError(
            "not_mergeable", "POST merges JSON, and the document posted or the one there is not application/json."
        )
    content = merge(stored.content, call.body)
    most = call.services.settings.lrs.max_body_mb << 20
    if len(content) > most:
        raise RequestError(413, "too_large", f"The merged document would be larger than {most} bytes.")
    return content


def _refuse_blind_put(version: Version, place: Place, stored: Document | None) -> None:
    """1.0.3 lets state be overwritten, and wants a header for profiles even where nothing is there; 2.0.0 protects
    whatever is there, and nothing else."""
    if version is Version.V1 and place.kind == "state":
        return
    if stored is not None:
        raise RequestError(
            409,
            "conflict",
            "There is such a document already. Fetch it, and send its ETag as If-Match to replace what you saw.",
        )
    if version is Version.V1:
        raise BadRequestError(
            "missing_precondition", "PUT of a profile needs If-Match with an ETag, or If-None-Match: * for a new one."
        )


def _refuse_failed(preconditions: Preconditions, stored: Document | None) -> None:
    if not preconditions.hold(stored.etag if stored else None):
        raise RequestError(
            412, "precondition_failed", "The document is not what If-Match or If-None-Match expects. Fetch it again."
        )
