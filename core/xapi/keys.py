"""Sixteen bytes that stand for an agent, an activity or a verb of one tenant: no look-up, the same after a replay."""

from functools import lru_cache
from hashlib import sha256

from core.xapi.activities import Activity, activity_identity
from core.xapi.agents import Agent
from core.xapi.verbs import Verb, verb_identity

KEY_BYTES = 16


@lru_cache(16384)
def _key(tenant_id: int, identity: bytes) -> bytes:
    return sha256(b"%d|%s" % (tenant_id, identity)).digest()[:KEY_BYTES]


def agent_key(tenant_id: int, agent: Agent) -> bytes:
    """Groups too: what counts is the identifier, not the objectType; without one, the members in any order."""
    return _key(tenant_id, agent.identity)


def activity_key(tenant_id: int, activity: Activity) -> bytes:
    return _key(tenant_id, activity.identity)


def verb_key(tenant_id: int, verb: Verb) -> bytes:
    return _key(tenant_id, verb.identity)


def activity_id_key(tenant_id: int, iri: str) -> bytes:
    return _key(tenant_id, activity_identity(iri))


def verb_id_key(tenant_id: int, iri: str) -> bytes:
    return _key(tenant_id, verb_identity(iri))
