"""The activity profile resource: documents about an activity, the same for all its learners."""

from starlette.responses import Response

from core.xapi.keys import activity_id_key
from lrs import documents
from lrs.binding import refuse_bound
from lrs.call import READ_PROFILES, WRITE_PROFILES, Call
from lrs.document_store import Place
from lrs.parameters import parse_activity, parse_document_id

ID = "profileId"
ONE = frozenset(("activityId", ID))
MANY = frozenset(("activityId", "since"))


async def get_profile(call: Call) -> Response:
    call.require_scope(READ_PROFILES)
    if ID in call.parameters:
        call.refuse_unknown_parameters(ONE)
        return await documents.get_document(call, _place(call), parse_document_id(call, ID))
    call.refuse_unknown_parameters(MANY)
    return await documents.get_ids(call, _place(call))


async def put_profile(call: Call) -> Response:
    _require_write(call)
    return await documents.put_document(call, _place(call), parse_document_id(call, ID))


async def post_profile(call: Call) -> Response:
    _require_write(call)
    return await documents.post_document(call, _place(call), parse_document_id(call, ID))


async def delete_profile(call: Call) -> Response:
    _require_write(call)
    return await documents.delete_document(call, _place(call), parse_document_id(call, ID))


def _require_write(call: Call) -> None:
    call.require_scope(WRITE_PROFILES)
    refuse_bound(call.credential)
    call.refuse_unknown_parameters(ONE)


def _place(call: Call) -> Place:
    activity = activity_id_key(call.tenant_id, parse_activity(call))
    return Place(call.tenant_id, "activity-profile", activity_key=activity)
