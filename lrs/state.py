"""The activity state resource: what content keeps for one learner in one activity."""

from starlette.responses import Response

from core.xapi.keys import activity_id_key, agent_key
from lrs import documents
from lrs.binding import refuse_foreign_agent, refuse_foreign_registration
from lrs.call import READ_STATE, WRITE_STATE, Call
from lrs.document_store import Place
from lrs.parameters import parse_activity, parse_agent, parse_document_id, parse_id

ID = "stateId"
PLACE = frozenset(("activityId", "agent", "registration"))
ONE = PLACE | {ID}
MANY = PLACE | {"since"}


async def get_state(call: Call) -> Response:
    call.require_scope(READ_STATE)
    if ID in call.parameters:
        call.refuse_unknown_parameters(ONE)
        return await documents.get_document(call, _place(call), parse_document_id(call, ID))
    call.refuse_unknown_parameters(MANY)
    return await documents.get_ids(call, _place(call))


async def put_state(call: Call) -> Response:
    call.require_scope(WRITE_STATE)
    call.refuse_unknown_parameters(ONE)
    return await documents.put_document(call, _place(call), parse_document_id(call, ID))


async def post_state(call: Call) -> Response:
    call.require_scope(WRITE_STATE)
    call.refuse_unknown_parameters(ONE)
    return await documents.post_document(call, _place(call), parse_document_id(call, ID))


async def delete_state(call: Call) -> Response:
    call.require_scope(WRITE_STATE)
    call.refuse_unknown_parameters(ONE)
    if ID in call.parameters:
        return await documents.delete_document(call, _place(call), parse_document_id(call, ID))
    return await documents.delete_documents(call, _place(call))


def _place(call: Call) -> Place:
    activity, agent = parse_activity(call), parse_agent(call)
    registration = parse_id(call, "registration")
    learner = agent_key(call.tenant_id, agent)
    refuse_foreign_agent(call.credential, learner)
    refuse_foreign_registration(call.credential, registration)
    return Place(call.tenant_id, "state", activity_id_key(call.tenant_id, activity), learner, registration)
