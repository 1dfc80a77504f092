"""What an LMS has to tell, for those that do not write to Kafka themselves: a list of domain events."""

from datetime import UTC, datetime

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response

from core.lms.events import Event, read_events
from core.xapi.errors import StatementError, quoted
from core.xapi.versions import Version
from lrs.binding import refuse_bound
from lrs.call import WRITE_EVENTS, Call
from lrs.credentials import Credential
from lrs.door import Door
from lrs.errors import BadRequestError, ForbiddenError, InvalidEventError, RequestError
from lrs.incoming import JSON, media_type
from lrs.services import Services

PATH = "/api/v1/events"
NO_PARAMETERS: frozenset[str] = frozenset()


class EventsDoor(Door):
    def __init__(self, services: Services) -> None:
        super().__init__(services, PATH, {"POST": post_events})

    def version_of(self, headers: Headers) -> Version:  # noqa: ARG002
        """No xAPI resource: nobody need say a version of it."""
        return Version.V2


async def post_events(call: Call) -> Response:
    call.require_exact_scope(WRITE_EVENTS)
    refuse_bound(call.credential)
    call.refuse_unknown_parameters(NO_PARAMETERS)
    events = _read(call)
    if events:
        await call.services.handover.accept_events(call.tenant_id, call.credential.tenant_uuid, events)
    return Response(msgspec.json.encode([str(event.event_id) for event in events]), media_type=JSON)


def _read(call: Call) -> list[Event]:
    content_type = media_type(call.headers.get("content-type", ""))
    if content_type != JSON:
        raise BadRequestError("content_type", f"Content-Type: found {content_type or 'nothing'}. Allowed: {JSON}.")
    try:
        events = read_events(call.body, datetime.now(UTC))
    except StatementError as error:
        raise InvalidEventError(error.path, error.found, error.allowed) from error
    most = call.services.settings.lrs.max_statements
    if len(events) > most:
        raise RequestError(413, "too_many", f"{len(events)} events in one request; the most is {most}.")
    for index, event in enumerate(events):
        _refuse_foreign(call.credential, f"events[{index}].tenantId", event)
    return events


def _refuse_foreign(credential: Credential, path: str, event: Event) -> None:
    if event.tenant is not None and event.tenant not in (credential.slug, str(credential.tenant_uuid)):
        allowed = f"the credential's tenant, {credential.slug}, or nothing"
        raise ForbiddenError("tenant", f"{path}: found {quoted(event.tenant)}. Allowed: {allowed}.")
