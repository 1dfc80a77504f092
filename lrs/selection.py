"""Which statements a request asks for, and in which form."""

from datetime import datetime
from typing import Literal

import msgspec

from core.xapi.errors import quoted
from core.xapi.iris import check_iri
from core.xapi.keys import activity_id_key, agent_key, verb_id_key
from core.xapi.parameters import agent_parameter
from lrs.call import READ_ALL_STATEMENTS, Call
from lrs.parameters import checked, invalid, parse_id, parse_moment

Format = Literal["ids", "exact", "canonical"]
FORMATS: tuple[Format, ...] = ("ids", "exact", "canonical")

SINGLE = frozenset(("statementId", "voidedStatementId"))
FORM = frozenset(("format", "attachments"))
FILTERS = frozenset((
    "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since", "until", "limit",
    "ascending",
))  # fmt: skip
CURSOR = "cursor"


class Sight(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a credential may see: what it wrote itself, of its own actor, in its own registration; else everything."""

    written_by: str | None = None
    actor: str | None = None
    registration: str | None = None


class Selection(msgspec.Struct, frozen=True, omit_defaults=True):
    """Keys are hexadecimal, as the database reads them; it all goes into a `more` link."""

    limit: int
    sight: Sight
    format: Format = "exact"
    attachments: bool = False
    ascending: bool = False
    agent: str | None = None
    related_agents: bool = False
    verb: str | None = None
    activity: str | None = None
    related_activities: bool = False
    registration: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    # Where the page before this one ended.
    after_stored: datetime | None = None
    after_id: str | None = None

    @property
    def has_filter(self) -> bool:
        return any((self.agent, self.verb, self.activity, self.registration))

    @property
    def is_own_only(self) -> bool:
        """Of one credential, and of no agent or activity: whether it sent much or little decides how to look."""
        return self.sight.written_by is not None and self.agent is None and self.activity is None

    def after(self, stored: datetime, statement_id: str) -> "Selection":
        return msgspec.structs.replace(self, after_stored=stored, after_id=statement_id)


def parse_selection(call: Call) -> Selection:
    """Of a request for many statements."""
    given = call.parameters
    agent, activity, verb = given.get("agent"), given.get("activity"), given.get("verb")
    return Selection(
        limit=_limit(call),
        sight=sight(call),
        format=parse_format(call),
        attachments=parse_flag(call, "attachments"),
        ascending=parse_flag(call, "ascending"),
        agent=None if agent is None else agent_key(call.tenant_id, checked("agent", agent_parameter, agent)).hex(),
        related_agents=parse_flag(call, "related_agents"),
        verb=None if verb is None else verb_id_key(call.tenant_id, checked("verb", check_iri, verb)).hex(),
        activity=None
        if activity is None
        else activity_id_key(call.tenant_id, checked("activity", check_iri, activity)).hex(),
        related_activities=parse_flag(call, "related_activities"),
        registration=parse_id(call, "registration"),
        since=parse_moment(call, "since"),
        until=parse_moment(call, "until"),
    )


def parse_form(call: Call) -> Selection:
    """Of a request for one statement."""
    return Selection(limit=1, sight=sight(call), format=parse_format(call), attachments=parse_flag(call, "attachments"))


def sight(call: Call) -> Sight:
    credential = call.credential
    return Sight(
        written_by=None if credential.scopes & READ_ALL_STATEMENTS else credential.credential_id,
        actor=credential.bound_actor_key.hex() if credential.bound_actor_key else None,
        registration=credential.bound_registration,
    )


def parse_format(call: Call) -> Format:
    text = call.parameters.get("format", "exact")
    for known in FORMATS:
        if text == known:
            return known
    raise invalid("format", quoted(text), ", ".join(FORMATS))


def parse_flag(call: Call, name: str) -> bool:
    text = call.parameters.get(name, "false")
    if text not in ("true", "false"):
        raise invalid(name, quoted(text), "true or false")
    return text == "true"


def _limit(call: Call) -> int:
    most = call.services.settings.lrs.max_limit
    text = call.parameters.get("limit", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise invalid("limit", quoted(text), "a whole number from 0")
    return min(int(text) or most, most)
