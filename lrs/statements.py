"""The statements resource: PUT and POST here; what GET asks and answers lies in `queries` and `reading`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
from starlette.responses import Response

from core.envelope import AcceptedStatement, Envelope
from core.xapi.batches import Batch
from core.xapi.errors import StatementError
from core.xapi.statements import Statement
from lrs import reading
from lrs.accepting import accept_statement
from lrs.attachments import Delivered
from lrs.call import READ_STATEMENTS, WRITE_STATEMENTS, Call
from lrs.errors import BadRequestError, RequestError
from lrs.incoming import JSON, read_incoming
from lrs.parameters import parse_id

PUT_PARAMETERS = frozenset(("statementId",))
NO_PARAMETERS: frozenset[str] = frozenset()


async def post_statements(call: Call) -> Response:
    call.require_scope(WRITE_STATEMENTS)
    call.refuse_unknown_parameters(NO_PARAMETERS)
    incoming = await read_incoming(call)
    accepted = accept(call, incoming.batch)
    has_given_ids = any(statement.id for statement in incoming.batch.statements)
    await _store(call, accepted, incoming.delivered, has_given_ids=has_given_ids)
    return Response(msgspec.json.encode([statement.id for statement in accepted]), media_type=JSON)


async def put_statement(call: Call) -> Response:
    call.require_scope(WRITE_STATEMENTS)
    call.refuse_unknown_parameters(PUT_PARAMETERS)
    statement_id = _id_parameter(call)
    batch, delivered = await read_incoming(call)
    if batch.is_array:
        raise BadRequestError("invalid_statement", "PUT takes one statement, not an array.")
    given = batch.statements[0].id
    if given is not None and given.lower() != statement_id:
        raise StatementError("statement.id", f'"{given}"', "the id that the query names")
    await _store(call, accept(call, batch, statement_id), delivered, has_given_ids=True)
    return Response(status_code=204)


async def get_statements(call: Call) -> Response:
    call.require_scope(READ_STATEMENTS)
    return await reading.read(call)


def accept(call: Call, batch: Batch, statement_id: str | None = None) -> list[AcceptedStatement]:
    most = call.services.settings.lrs.max_statements
    if len(batch.statements) > most:
        raise RequestError(413, "too_many", f"{len(batch.statements)} statements in one request; the most is {most}.")
    return [_accept(call, statement, statement_id) for statement in batch.statements]


def _accept(call: Call, statement: Statement, statement_id: str | None) -> AcceptedStatement:
    chosen = (statement.id or statement_id or str(uuid4())).lower()
    return accept_statement(call.credential, call.version, statement, chosen)


async def _store(
    call: Call, accepted: list[AcceptedStatement], delivered: Sequence[Delivered], *, has_given_ids: bool
) -> None:
    attachments = await call.services.attachments.keep(call.credential, delivered)
    if accepted:
        envelope = Envelope(
            call.tenant_id, call.credential.credential_id, datetime.now(UTC), accepted, attachments, call.version
        )
        await call.services.handover.accept(envelope, call.credential.tenant_uuid, has_given_ids=has_given_ids)
        call.services.metrics.accepted(call.credential.slug, len(accepted))


def _id_parameter(call: Call) -> str:
    statement_id = parse_id(call, "statementId")
    if statement_id is None:
        raise BadRequestError("missing_parameter", "statementId: missing.")
    return statement_id
