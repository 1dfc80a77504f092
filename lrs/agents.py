"""The agents resource: all that is known of a person."""

import msgspec
from starlette.responses import Response

from core.xapi.agents import actor
from core.xapi.keys import agent_key
from core.xapi.persons import person
from lrs.binding import refuse_foreign_agent
from lrs.call import READ_AGENTS, Call
from lrs.parameters import invalid, parse_agent
from lrs.representation import represent

PARAMETERS = frozenset(("agent",))
FORMS = "select agent from xapi.agents where agent_key = %s order by form_key"


async def get_person(call: Call) -> Response:
    call.require_scope(READ_AGENTS)
    call.refuse_unknown_parameters(PARAMETERS)
    asked = parse_agent(call)
    if asked.kind == "Group":
        raise invalid("agent", "a Group", "an Agent")
    key = agent_key(call.tenant_id, asked)
    refuse_foreign_agent(call.credential, key)
    rows = await call.services.database.fetch(call.tenant_id, FORMS, [key.hex()])
    # A group may have the same identifier; its name is not the person's.
    stored = [form for form in (actor(text) for (text,) in rows) if form.kind == "Agent"]
    return represent(call, msgspec.json.encode(person([asked, *stored])))
