"""GET of statements: one by its id, or a page of many."""

from datetime import datetime

from starlette.responses import Response

from core.xapi.formats import only_ids
from core.xapi.times import format_timestamp
from lrs.call import Call
from lrs.consistency import CONSISTENT_HEADER
from lrs.cursor import sign, verify
from lrs.enclosing import enclose
from lrs.errors import BadRequestError, RequestError
from lrs.finding import Row, find
from lrs.incoming import JSON
from lrs.parameters import parse_id
from lrs.queries import by_id, parameters
from lrs.selection import (
    CURSOR,
    FILTERS,
    FORM,
    SINGLE,
    Selection,
    parse_form,
    parse_selection,
)


async def read(call: Call) -> Response:
    name = single_parameter(call)
    if name is not None:
        return await _read_one(call, name)
    if CURSOR in call.parameters:
        call.refuse_unknown_parameters(frozenset((CURSOR,)))
        return await _read_page(call, verify(call.parameters[CURSOR], call.credential, call.services.key))
    call.refuse_unknown_parameters(FILTERS | FORM | SINGLE)
    return await _read_page(call, parse_selection(call))


def single_parameter(call: Call) -> str | None:
    """`statementId`, `voidedStatementId`, or none: then it is about many statements."""
    asked = SINGLE & call.parameters.keys()
    if not asked:
        return None
    if len(asked) > 1:
        raise BadRequestError("unknown_parameter", "statementId and voidedStatementId: give one of them.")
    call.refuse_unknown_parameters(FORM | asked)
    return next(iter(asked))


async def find_one(call: Call, selection: Selection, name: str, through: datetime) -> Row:
    query = by_id(selection, voided=name == "voidedStatementId")
    given = parameters(selection, through, []) | {"statement_id": parse_id(call, name)}
    rows = await call.services.database.fetch(call.tenant_id, query, given)
    if not rows:
        raise RequestError(404, "not_found", f"There is no such {'voided ' if 'voided' in name else ''}statement.")
    body, stored, statement_id = rows[0]
    return Row(stored, str(statement_id), body)


async def find_page(call: Call, selection: Selection, through: datetime) -> list[Row]:
    """In order, and one more than asked for, if there is."""
    vouched_by = await _vouched_by(call, selection)
    return await find(call.services.database, call.tenant_id, selection, parameters(selection, through, vouched_by))


async def in_form(call: Call, selection: Selection, bodies: list[bytes]) -> list[bytes]:
    match selection.format:
        case "ids":
            return [only_ids(body) for body in bodies]
        case "canonical":
            return await call.services.definitions.canonical(call.tenant_id, bodies, call.headers)
        case _:
            return bodies


async def _read_one(call: Call, name: str) -> Response:
    selection = parse_form(call)
    through = await call.services.consistency.through(call.tenant_id)
    row = await find_one(call, selection, name, through)
    (text,) = await in_form(call, selection, [row.body])
    return await _answer(call, selection, text, [row.body], _headers(through, row.stored))


async def _read_page(call: Call, selection: Selection) -> Response:
    # Asked first: all that is stored by then is in what is read afterwards.
    through = await call.services.consistency.through(call.tenant_id)
    rows = await find_page(call, selection, through)
    page = rows[: selection.limit]
    bodies = [row.body for row in page]
    texts = await in_form(call, selection, bodies)
    more = b""
    if len(rows) > selection.limit:
        token = sign(selection.after(page[-1].stored, page[-1].statement_id), call.credential, call.services.key)
        more = f"{call.services.path}/xAPI/statements?{CURSOR}={token}".encode()
    newest = max((row.stored for row in page), default=None)
    content = b'{"statements":[' + b",".join(texts) + b'],"more":"' + more + b'"}'
    return await _answer(call, selection, content, bodies, _headers(through, newest))


async def _vouched_by(call: Call, selection: Selection) -> list[str]:
    if not (selection.agent and selection.related_agents):
        return []
    query = "select credential_id::text from request.credentials where authority_key = %s"
    return [row[0] for row in await call.services.database.fetch(call.tenant_id, query, [selection.agent])]


async def _answer(
    call: Call, selection: Selection, content: bytes, bodies: list[bytes], headers: dict[str, str]
) -> Response:
    if selection.attachments:
        return await enclose(call, content, bodies, headers)
    return Response(content, media_type=JSON, headers=headers)


def _headers(through: datetime, newest: datetime | None) -> dict[str, str]:
    headers = {CONSISTENT_HEADER: format_timestamp(through)}
    if newest is not None:
        headers["Last-Modified"] = format_timestamp(newest)
    return headers
