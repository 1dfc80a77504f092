"""Agents and groups, and what identifies them."""

import re
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import Raw

from core.xapi.errors import StatementError, missing, quoted, wrong
from core.xapi.iris import MAX_IRI, iri
from core.xapi.memory import remembered
from core.xapi.values import Reader, canonical, encode, open_object, read_elements, read_object, string

IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")

_EMAIL = re.compile(r"mailto:[^\s@\x00-\x20\x7f\"(),:;<>\[\]\\]+@[^\s@\x00-\x2c/\x3a-\x40\[\\\]^_`{|}~\x7f]+")
_SHA1 = re.compile("[0-9a-fA-F]{40}")


class Agent(msgspec.Struct, frozen=True, gc=False):
    """An Agent or a Group."""

    kind: Literal["Agent", "Group"]
    # Equal for equal agents. A group without an identifier is known by its members.
    identity: bytes
    # The identifier alone, such as {"mbox": "mailto:…"}; empty for an anonymous group.
    identifier: dict[str, Any]
    name: str | None
    members: "tuple[Agent, ...]"
    text: bytes
    comparable: Raw

    @property
    def is_anonymous(self) -> bool:
        return not self.identifier

    @property
    def canonical_text(self) -> bytes:
        """Identifier and name, without members: what is worth keeping of an agent by itself."""
        named = {} if self.name is None else {"name": self.name}
        return canonical({"objectType": self.kind, **self.identifier, **named})


@lru_cache(8192)
def check_mbox(text: str) -> str:
    if len(text) > MAX_IRI or not _EMAIL.fullmatch(text):
        raise StatementError("", quoted(text), "mailto: and an e-mail address")
    return text


def mbox(value: bytes) -> str:
    return check_mbox(string(value))


def mbox_sha1sum(value: bytes) -> str:
    text = string(value)
    if not _SHA1.fullmatch(text):
        raise wrong(value, "a SHA-1 sum in 40 hexadecimal digits")
    return text


def account(value: bytes) -> dict[str, str]:
    found = read_object(value, {"homePage": iri, "name": string})
    for name in ("homePage", "name"):
        if name not in found:
            raise missing(name, "an account")
    return {"homePage": found["homePage"], "name": found["name"]}


def one_of(*allowed: str) -> Reader[str]:
    """For values that are a name from the specification, in exactly that case."""
    texts = {encode(name): name for name in allowed}

    def name(value: bytes) -> str:
        found = texts.get(bytes(value)) or string(value)
        if found not in allowed:
            raise wrong(value, " or ".join(allowed))
        return found

    return name


def object_type(value: bytes, default: str) -> str:
    kind = open_object(value).get("objectType")
    if kind is None:
        return default
    try:
        return string(kind)
    except StatementError as error:
        raise error.under("objectType") from None


@remembered(8192)
def actor(value: bytes) -> Agent:
    """An Agent, or a Group if it says so."""
    return _group(value) if object_type(value, "Agent") == "Group" else _agent(value)


def group(value: bytes) -> Agent:
    found = actor(value)
    if found.kind == "Agent":
        raise StatementError("objectType", "an Agent", "Group")
    return found


def agent(value: bytes) -> Agent:
    found = actor(value)
    if found.kind == "Group":
        raise StatementError("objectType", "a Group", "Agent")
    return found


def authority(value: bytes) -> Agent:
    """An Agent, or the application and the user of three-legged OAuth together."""
    found = actor(value)
    if found.kind == "Agent":
        return found
    if not found.is_anonymous or len(found.members) != 2:
        raise wrong(value, "an Agent, or a Group without identifier of exactly two Agents")
    if not any("account" in member.identifier for member in found.members):
        raise StatementError("member", "no account", "an application known by its account, and a user")
    return found


_IDENTIFIER_READERS: dict[str, Reader[Any]] = {
    "mbox": mbox,
    "mbox_sha1sum": mbox_sha1sum,
    "openid": iri,
    "account": account,
}
_AGENT_READERS: dict[str, Reader[Any]] = {**_IDENTIFIER_READERS, "objectType": one_of("Agent", "Group"), "name": string}


def _members(value: bytes) -> tuple[Agent, ...]:
    return tuple(read_elements(value, agent))


_GROUP_READERS: dict[str, Reader[Any]] = {**_AGENT_READERS, "member": _members}


def _agent(value: bytes) -> Agent:
    found = read_object(value, _AGENT_READERS)
    identifier = _identifier(found)
    if not identifier:
        raise StatementError("", "no identifier", f"exactly one of {', '.join(IDENTIFIERS)}")
    return _build("Agent", found, identifier, value)


def _group(value: bytes) -> Agent:
    found = read_object(value, _GROUP_READERS)
    identifier = _identifier(found)
    if not identifier and not found.get("member"):
        raise StatementError("member", "no Agent", "at least one Agent in a Group without identifier")
    return _build("Group", found, identifier, value)


def _identifier(found: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in found if name in _IDENTIFIER_READERS]
    if len(names) > 1:
        raise StatementError(names[1], f"a second identifier beside {names[0]}", "exactly one identifier")
    return {name: found[name] for name in names}


def _build(kind: Literal["Agent", "Group"], found: dict[str, Any], identifier: dict[str, Any], value: bytes) -> Agent:
    members = found.get("member", ())
    return Agent(
        kind=kind,
        identity=_identity(identifier, members),
        identifier=identifier,
        name=found.get("name"),
        members=members,
        text=value,
        comparable=_comparable(kind, found, identifier, members),
    )


def _identity(identifier: dict[str, Any], members: tuple[Agent, ...]) -> bytes:
    for name, value in identifier.items():
        text = value if isinstance(value, str) else canonical([value["homePage"], value["name"]]).decode()
        return f"agent|{name}|{text}".encode()
    return b"agent|members|" + canonical(sorted({member.identity.decode() for member in members}))


def _comparable(kind: str, found: dict[str, Any], identifier: dict[str, Any], members: tuple[Agent, ...]) -> Raw:
    """Order of members and the case of an e-mail address's domain make no difference between statements."""
    tree: dict[str, Any] = {"objectType": kind, **identifier}
    if "name" in found:
        tree["name"] = found["name"]
    if "member" in found:
        tree["member"] = sorted(bytes(member.comparable).decode() for member in members)
    if "mbox" in identifier:
        local, domain = identifier["mbox"].rsplit("@", 1)
        tree["mbox"] = f"{local}@{domain.lower()}"
    return Raw(canonical(tree))
