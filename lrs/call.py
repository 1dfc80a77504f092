"""One request to an xAPI resource, as its handler sees it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.responses import Response

from core.xapi.errors import shown_text
from core.xapi.versions import Version
from lrs.credentials import Credential
from lrs.errors import BadRequestError, ForbiddenError
from lrs.services import Services

# Which scopes allow what. `all` allows everything.
WRITE_STATEMENTS = frozenset(("statements/write",))
WRITE_EVENTS = "events/write"
READ_STATEMENTS = frozenset(("statements/read", "statements/read/mine", "all/read"))
READ_ALL_STATEMENTS = frozenset(("statements/read", "all/read", "all"))
WRITE_STATE = frozenset(("state",))
READ_STATE = frozenset(("state", "all/read"))
WRITE_PROFILES = frozenset(("profile",))
READ_PROFILES = frozenset(("profile", "all/read"))
READ_AGENTS = frozenset(("profile", "statements/read", "all/read"))
READ_ACTIVITIES = frozenset(("define", "profile", "statements/read", "statements/read/mine", "all/read"))


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Headers
    body: bytes
    version: Version
    credential: Credential
    services: Services

    @property
    def tenant_id(self) -> int:
        return self.credential.tenant_id

    def require_scope(self, scopes: frozenset[str]) -> None:
        if not (scopes & self.credential.scopes or "all" in self.credential.scopes):
            raise ForbiddenError("scope", f"This needs a credential with the scope {' or '.join(sorted(scopes))}.")

    def require_exact_scope(self, scope: str) -> None:
        """`all` is all of xAPI, which content has: it does not open what the school itself has to say."""
        if scope not in self.credential.scopes:
            raise ForbiddenError("scope", f"This needs a credential with the scope {scope}.")

    def refuse_unknown_parameters(self, known: frozenset[str]) -> None:
        unknown = [name for name in self.parameters if name not in known]
        if unknown:
            raise BadRequestError(
                "unknown_parameter", f"{shown_text(unknown[0])}: not known here. Allowed: {', '.join(sorted(known))}."
            )


Handler = Callable[[Call], Awaitable[Response]]


def parse_parameters(query: str) -> dict[str, str]:
    """Each parameter once: which of two values is meant, nobody can know."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=100)
    except (UnicodeDecodeError, ValueError) as error:
        raise BadRequestError("bad_query", "The query is not UTF-8, or too long.") from error
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        repeated = next(name for name, _ in pairs if [key for key, _ in pairs].count(name) > 1)
        raise BadRequestError("repeated_parameter", f"{shown_text(repeated)}: given more than once.")
    return parameters
