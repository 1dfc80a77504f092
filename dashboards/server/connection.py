"""Whose login a query goes to the database with."""

from typing import Any

from flask_babel import gettext
from pydantic import SecretStr
from sqlalchemy.engine.url import URL, make_url
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetSecurityException

from core.secrets import SecretKey
from dashboards.server.people import Person, find_person, service


def log_in_as_the_person(
    _stored: URL, parameters: dict[str, Any], user_name: str | None, _manager: Any, _source: Any
) -> tuple[URL, dict[str, Any]]:
    """Whatever address was stored, one of ours is used, with the login of whoever asks."""
    login, password = _login(find_person(user_name))
    return make_url(service().data_url).set(username=login, password=password), parameters


def _login(person: Person | None) -> tuple[str, str]:
    told = service()
    if person and person.role == "operator":
        return told.operator, told.operator_password
    if person and person.reader:
        return person.reader, SecretKey(SecretStr(told.secret_key)).reader_password(person.reader)
    raise SupersetSecurityException(
        SupersetError(
            message=gettext("You have no access to any data. Ask whoever runs Lyceum."),
            error_type=SupersetErrorType.DATABASE_SECURITY_ACCESS_ERROR,
            level=ErrorLevel.ERROR,
        )
    )
