"""Values that come in a request's query, held to the same rules as those in statements."""

from core.xapi.agents import Agent, actor
from core.xapi.errors import StatementError
from core.xapi.storable import refuse_bad_characters, refuse_depth


def agent_parameter(text: str) -> Agent:
    """An Agent, or a Group with an identifier; paths in errors are relative to it."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        raise StatementError("", "half of a surrogate pair", "whole characters") from None
    refuse_depth(encoded)
    refuse_bad_characters(encoded)
    found = actor(encoded)
    if found.is_anonymous:
        raise StatementError("", "a Group without identifier", "an Agent, or a Group with an identifier")
    return found
