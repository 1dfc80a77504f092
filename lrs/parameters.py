"""Values in a request's query, checked one by one."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from core.xapi.agents import Agent
from core.xapi.errors import StatementError, quoted
from core.xapi.iris import check_iri
from core.xapi.parameters import agent_parameter
from core.xapi.times import parse_timestamp
from core.xapi.uuids import check_uuid
from lrs.call import Call
from lrs.errors import BadRequestError

MAX_DOCUMENT_ID = 2048

Value = TypeVar("Value")


def parse_activity(call: Call) -> str:
    return checked("activityId", check_iri, _required(call, "activityId"))


def parse_agent(call: Call) -> Agent:
    return checked("agent", agent_parameter, _required(call, "agent"))


def parse_document_id(call: Call, name: str) -> str:
    text = _required(call, name)
    if not 0 < len(text) <= MAX_DOCUMENT_ID or "\0" in text:
        raise invalid(name, quoted(text), f"1 to {MAX_DOCUMENT_ID} characters without U+0000")
    return text


def parse_id(call: Call, name: str) -> str | None:
    text = call.parameters.get(name)
    return None if text is None else checked(name, check_uuid, text)


def parse_moment(call: Call, name: str) -> datetime | None:
    text = call.parameters.get(name)
    return None if text is None else checked(name, lambda value: parse_timestamp(value, call.version), text)


def checked(name: str, check: Callable[[str], Value], text: str) -> Value:
    try:
        return check(text)
    except StatementError as error:
        raise invalid(name + (f".{error.path}" if error.path else ""), error.found, error.allowed) from error


def invalid(name: str, found: str, allowed: str) -> BadRequestError:
    return BadRequestError("invalid_parameter", f"{name}: found {found}. Allowed: {allowed}.")


def _required(call: Call, name: str) -> str:
    text = call.parameters.get(name)
    if text is None:
        raise BadRequestError("missing_parameter", f"{name}: missing.")
    return text
