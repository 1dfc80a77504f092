"""All that is known of a person, from several agents."""

from collections.abc import Iterable
from copy import copy
from typing import Any

from core.xapi.agents import Agent


def person(agents: Iterable[Agent]) -> dict[str, Any]:
    """Each value once, in the order in which it comes."""
    found: dict[str, Any] = {"objectType": "Person"}
    for agent in agents:
        named = {} if agent.name is None else {"name": agent.name}
        for name, value in {**named, **agent.identifier}.items():
            values = found.setdefault(name, [])
            if value not in values:
                values.append(copy(value))
    return found
