"""Who may come in: Lyceum's people, as what Lyceum says they are."""

from typing import Any

from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import text
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetSecurityException
from superset.extensions import db
from superset.security import SupersetSecurityManager
from superset.utils.core import get_user_id

from core.passwords import hash_password, is_password
from dashboards.server.forgery import is_forged
from dashboards.server.oidc import user_names
from dashboards.server.people import Person, find_person, service

FIND_PASSWORD = text("select control.dashboard_password(:name)")
# Checked for whoever is not there, so that the time of an answer does not tell.
NOBODYS_PASSWORD = hash_password("")


class NoTokens(SecurityApi):  # type: ignore[misc] # Superset has no types
    """Signing in is for browsers: tokens would be another door to guess passwords at, and outlive a session."""

    exclude_route_methods = frozenset({"login", "refresh"})


class People(SupersetSecurityManager):  # type: ignore[misc]
    security_api = NoTokens

    def register_views(self) -> None:
        """Superset puts its limit on a page that only shows the form: what takes the password needs it."""
        super().register_views()
        self.limiter.limit(self.auth_rate_limit, methods=["POST"])(self.auth_view.blueprint)

    def auth_user_db(self, username: str | None, password: str | None) -> User | None:
        person = find_person(username)
        if not _is_right(username, password) or person is None:
            return None
        return self._signed_in(person)

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - there is one
        oidc = service().oidc
        return {"user_names": list(user_names(oidc, resp["userinfo"])) if oidc else []}

    def auth_user_oauth(self, userinfo: dict[str, Any]) -> User | None:
        found = (find_person(name) for name in userinfo["user_names"])
        person = next((person for person in found if person), None)
        return self._signed_in(person) if person else None

    def set_oauth_session(self, provider: str, oauth_response: dict[str, Any]) -> None:
        """Nothing is asked of the issuer later: its token is not kept, least of all in a cookie."""

    def load_user(self, pk: Any) -> User | None:
        """At each request: whoever was disabled is out at once, whoever got another role has it."""
        user = super().load_user(pk)
        person = find_person(user.username) if user else None
        return self._following(user, person) if person else None

    def raise_for_access(self, *arguments: Any, **named: Any) -> None:
        """Superset lets whoever may look at a chart write queries of their own to its dataset: not here. Nor may one
        analyst take another's query for a dataset."""
        query, query_context = named.get("query"), named.get("query_context")
        if named.get("viz") is not None or (query_context is not None and is_forged(query_context)):
            raise _refusal("This query is none of a published chart.")
        if query is not None and getattr(query, "user_id", None) != get_user_id():
            raise _refusal("This query is somebody else's.")
        super().raise_for_access(*arguments, **named)

    def get_rls_cache_key(self, datasource: Any) -> list[str]:
        """A result is kept for one person's sight."""
        person = find_person(_current_user_name(self))
        return [*super().get_rls_cache_key(datasource), person.sight if person else "nobody"]

    def _signed_in(self, person: Person) -> User:
        user = self.find_user(username=person.user_name) or self._made(person)
        self.update_user_auth_stat(self._following(user, person))
        return user

    def _made(self, person: Person) -> User:
        first, _, last = person.full_name.rpartition(" ")
        # Superset wants mails to be unique; the name to sign in by is.
        user = self.add_user(
            person.user_name, first[:64], last[:64], person.user_name, self.find_role(person.superset_role)
        )
        if not user:
            raise RuntimeError(f"Superset refused to make the user {person.user_name}")
        return user

    def _following(self, user: User, person: Person) -> User:
        if [role.name for role in user.roles] != [person.superset_role]:
            user.roles = [self.find_role(person.superset_role)]
            db.session.commit()
        return user


def _is_right(user_name: str | None, password: str | None) -> bool:
    hashed = db.session.execute(FIND_PASSWORD, {"name": (user_name or "").lower()}).scalar()
    return is_password(password or "", hashed or NOBODYS_PASSWORD) and bool(hashed) and bool(password)


def _current_user_name(manager: People) -> str | None:
    return getattr(manager.current_user, "username", None)


def _refusal(message: str) -> SupersetSecurityException:
    kind = SupersetErrorType.DATASOURCE_SECURITY_ACCESS_ERROR
    return SupersetSecurityException(SupersetError(message=message, error_type=kind, level=ErrorLevel.ERROR))
