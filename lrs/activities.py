"""The activities resource: an activity with all that statements said of it."""

from msgspec import Raw
from starlette.responses import Response

from core.xapi.values import encode
from lrs.call import READ_ACTIVITIES, Call
from lrs.parameters import parse_activity
from lrs.representation import represent

PARAMETERS = frozenset(("activityId",))


async def get_activity(call: Call) -> Response:
    call.require_scope(READ_ACTIVITIES)
    call.refuse_unknown_parameters(PARAMETERS)
    iri = parse_activity(call)
    merged = await call.services.definitions.merged(call.tenant_id, [iri])
    definition = {"definition": Raw(merged[iri])} if iri in merged else {}
    return represent(call, encode({"objectType": "Activity", "id": iri, **definition}))
