"""The agent profile resource: documents about a person, whatever the activity."""

from starlette.responses import Response

from core.xapi.keys import agent_key
from lrs import documents
from lrs.binding import refuse_foreign_agent
from lrs.call import READ_PROFILES, WRITE_PROFILES, Call
from lrs.document_store import Place
from lrs.parameters import parse_agent, parse_document_id

ID = "profileId"
ONE = frozenset(("agent", ID))
MANY = frozenset(("agent", "since"))


async def get_profile(call: Call) -> Response:
    call.require_scope(READ_PROFILES)
    if ID in call.parameters:
        call.refuse_unknown_parameters(ONE)
        return await documents.get_document(call, _place(call), parse_document_id(call, ID))
    call.refuse_unknown_parameters(MANY)
    return await documents.get_ids(call, _place(call))


async def put_profile(call: Call) -> Response:
    call.require_scope(WRITE_PROFILES)
    call.refuse_unknown_parameters(ONE)
    return await documents.put_document(call, _place(call), parse_document_id(call, ID))


async def post_profile(call: Call) -> Response:
    call.require_scope(WRITE_PROFILES)
    call.refuse_unknown_parameters(ONE)
    return await documents.post_document(call, _place(call), parse_document_id(call, ID))


async def delete_profile(call: Call) -> Response:
    call.require_scope(WRITE_PROFILES)
    call.refuse_unknown_parameters(ONE)
    return await documents.delete_document(call, _place(call), parse_document_id(call, ID))


def _place(call: Call) -> Place:
    agent = agent_key(call.tenant_id, parse_agent(call))
    refuse_foreign_agent(call.credential, agent)
    return Place(call.tenant_id, "agent-profile", agent_key=agent)
