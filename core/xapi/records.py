"""What the store derives from a statement, so that its queries need keys only."""

from datetime import datetime

import msgspec

from core.xapi.activities import Activity
from core.xapi.agents import Agent
from core.xapi.keys import activity_key, agent_key, verb_key
from core.xapi.sameness import digest
from core.xapi.statements import Object, Statement, SubStatement, kind_of
from core.xapi.verbs import Verb

# The roles that the plain agent and activity filters look at; the related ones look at all.
DIRECT_ROLES = frozenset(("actor", "object"))


class AgentUse(msgspec.Struct, frozen=True, gc=False):
    """`role` is actor, object, team …, and object.actor, object.team … in a SubStatement."""

    key: bytes
    role: str
    is_member: bool
    agent: Agent


class ActivityUse(msgspec.Struct, frozen=True, gc=False):
    key: bytes
    role: str
    activity: Activity


class StatementRecord(msgspec.Struct, frozen=True, gc=False):
    id: str | None
    digest: bytes
    verb_key: bytes
    verb_id: str
    actor_key: bytes
    object_kind: str
    # Of an activity, agent or group.
    object_key: bytes | None
    registration: str | None
    timestamp: datetime | None
    voids: str | None
    refers_to: str | None
    agents: list[AgentUse]
    activities: list[ActivityUse]
    # By key, with the SubStatement's.
    verbs: dict[bytes, Verb]
    attachment_hashes: list[str]

    @property
    def direct_agent_keys(self) -> set[bytes]:
        """For the `agent` filter: actor and object, and who is a member of them."""
        return {use.key for use in self.agents if use.role in DIRECT_ROLES}

    @property
    def related_agent_keys(self) -> set[bytes]:
        return {use.key for use in self.agents}

    @property
    def related_activity_keys(self) -> set[bytes]:
        return {use.key for use in self.activities}

    @property
    def identified_agents(self) -> dict[bytes, Agent]:
        """Agents and groups one can ask for."""
        return {use.key: use.agent for use in self.agents if not use.agent.is_anonymous}

    @property
    def has_own_authority(self) -> bool:
        """Kept from another store, and not the LRS's."""
        return self.agents[-1].role == "authority"

    @property
    def definitions(self) -> list[tuple[ActivityUse, bytes]]:
        return [(use, use.activity.definition) for use in self.activities if use.activity.definition is not None]


def derive(statement: Statement, tenant_id: int, authority: Agent | None = None) -> StatementRecord:
    """`authority` is the one the LRS sets; what the statement says about it is not looked at."""
    agents: list[AgentUse] = []
    activities: list[ActivityUse] = []
    _add_uses(statement, "", tenant_id, agents, activities)
    if authority is not None:
        _add_agent("authority", authority, tenant_id, agents)
    key = verb_key(tenant_id, statement.verb)
    verbs = {key: statement.verb}
    if isinstance(statement.object, SubStatement):
        verbs.setdefault(verb_key(tenant_id, statement.object.verb), statement.object.verb)
    return StatementRecord(
        id=statement.id,
        digest=digest(statement),
        verb_key=key,
        verb_id=statement.verb.id,
        actor_key=agents[0].key,
        object_kind=kind_of(statement.object),
        object_key=_object_key(tenant_id, statement.object),
        registration=None if statement.context is None else statement.context.registration,
        timestamp=statement.timestamp,
        voids=statement.voids,
        refers_to=statement.refers_to,
        agents=agents,
        activities=activities,
        verbs=verbs,
        attachment_hashes=_attachment_hashes(statement),
    )


def _add_uses(
    statement: Statement | SubStatement,
    parent: str,
    tenant_id: int,
    agents: list[AgentUse],
    activities: list[ActivityUse],
) -> None:
    _add_agent(parent + "actor", statement.actor, tenant_id, agents)
    found = statement.object
    if isinstance(found, Activity):
        activities.append(ActivityUse(activity_key(tenant_id, found), parent + "object", found))
    elif isinstance(found, Agent):
        _add_agent(parent + "object", found, tenant_id, agents)
    elif isinstance(found, SubStatement):
        _add_uses(found, "object.", tenant_id, agents, activities)
    if (context := statement.context) is not None:
        for role, agent in context.agents:
            _add_agent(parent + role, agent, tenant_id, agents)
        for role, activity in context.activities:
            activities.append(ActivityUse(activity_key(tenant_id, activity), parent + role, activity))


def _add_agent(role: str, agent: Agent, tenant_id: int, agents: list[AgentUse]) -> None:
    agents.append(AgentUse(agent_key(tenant_id, agent), role, False, agent))
    if agent.members:
        agents += [AgentUse(agent_key(tenant_id, member), role, True, member) for member in agent.members]


def _object_key(tenant_id: int, found: Object) -> bytes | None:
    if isinstance(found, Activity):
        return activity_key(tenant_id, found)
    return agent_key(tenant_id, found) if isinstance(found, Agent) else None


def _attachment_hashes(statement: Statement) -> list[str]:
    attached = list(statement.attachments)
    if isinstance(statement.object, SubStatement):
        attached += statement.object.attachments
    return [attachment.sha2 for attachment in attached]
