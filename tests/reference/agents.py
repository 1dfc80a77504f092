"""Who a statement names: identifiers, and the key of one whom nobody knows."""

from functools import lru_cache
from typing import Any

import msgspec

from core.xapi.agents import actor
from core.xapi.keys import agent_key

Identity = tuple[str, ...]


def identity(agent: dict[str, Any]) -> Identity | None:
    """None of a group that has members only."""
    for name in ("mbox", "mbox_sha1sum", "openid"):
        if name in agent:
            return name, agent[name]
    if "account" in agent:
        return "account", agent["account"]["homePage"], agent["account"]["name"]
    return None


def is_group(agent: dict[str, Any]) -> bool:
    return agent.get("objectType") == "Group"


def individuals(agent: dict[str, Any]) -> list[Identity]:
    """An agent, or the members of a group."""
    found = agent.get("member", []) if is_group(agent) else [agent]
    named = (identity(one) for one in found)
    return list(dict.fromkeys(one for one in named if one is not None))


@lru_cache(None)
def key_of(tenant_id: int, who: Identity) -> str:
    kind, *values = who
    named = {kind: {"homePage": values[0], "name": values[1]} if kind == "account" else values[0]}
    key = agent_key(tenant_id, actor(msgspec.json.encode(named))).hex()
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
