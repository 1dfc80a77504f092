"""Sign-in by OpenID Connect, at an issuer that runs beside."""

import base64
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.people import NewPerson, create_person
from core.settings import Settings
from tests.harness.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, running_issuer
from tests.harness.superset import PASSWORD, Superset, running_superset

pytestmark = pytest.mark.timeout(300)
TEACHER = {"email": "Teacher1@riverside.example", "email_verified": True, "tenant": "riverside"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def federated(
    server: Settings, superset: Superset, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Superset]:
    with superset.database.admin() as connection:
        create_person(connection, None, NewPerson("operator", "Otto", "otto@platform.example"))
    variables = {
        "LYCEUM_SUPERSET_OIDC_ISSUER": issuer.url,
        "LYCEUM_SUPERSET_OIDC_CLIENT_ID": CLIENT_ID,
        "LYCEUM_SUPERSET_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    home = tmp_path_factory.mktemp("federated")
    with running_superset(server, superset.database, home, **variables) as federated:
        yield federated


def who_comes_in(federated: Superset, issuer: Issuer, claims: dict[str, Any]) -> str | None:
    issuer.claims = claims
    with federated.visitor() as client:
        client.get("/login/oidc", follow_redirects=True)
        me = client.get("/api/v1/me/")
        return str(me.json()["result"]["username"]) if me.status_code == 200 else None


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        (TEACHER, "riverside/teacher1@riverside.example"),
        ({"email": "otto@platform.example", "email_verified": True}, "otto@platform.example"),
    ],
)
def test_sign_in__lets_in(federated: Superset, issuer: Issuer, claims: dict[str, Any], name: str) -> None:
    assert who_comes_in(federated, issuer, claims) == name


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": False},
        {"tenant": "hillside"},
        {"tenant": None},
        {"email": "nobody@riverside.example"},
        {"email": "operator"},
        {"aud": "another-client"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1},
        {"nonce": "of another sign-in"},
    ],
)
def test_sign_in__refused(federated: Superset, issuer: Issuer, changed: dict[str, Any]) -> None:
    assert who_comes_in(federated, issuer, TEACHER | changed) is None


def test_sign_in__a_token_by_another_key(federated: Superset, issuer: Issuer) -> None:
    with running_issuer() as stranger:
        own, issuer.key = issuer.key, stranger.key
        # Its keys are known by now, and these are not among them.
        assert who_comes_in(federated, issuer, TEACHER) is None
        issuer.key = own
    assert who_comes_in(federated, issuer, TEACHER) is not None


def test_sign_in__an_answer_nobody_asked_for(federated: Superset) -> None:
    with federated.visitor() as client:
        client.get("/oauth-authorized/oidc?code=stolen&state=forged", follow_redirects=True)
        assert client.get("/api/v1/me/").status_code == 401


def test_sign_in__not_with_a_password(federated: Superset) -> None:
    with federated.visitor() as client:
        client.post("/login/", data={"username": "riverside/teacher1@riverside.example", "password": PASSWORD})
        assert client.get("/api/v1/me/").status_code == 401


def test_cookie__does_not_hold_the_issuers_token(federated: Superset, issuer: Issuer) -> None:
    issuer.claims = TEACHER
    with federated.visitor() as client:
        client.get("/login/oidc", follow_redirects=True)
        assert "oauth_provider" not in str(_session(client))


def _session(client: httpx.Client) -> bytes:
    value = client.cookies["lyceum_dashboards"]
    part = value.lstrip(".").split(".")[0]
    content = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    return zlib.decompress(content) if value.startswith(".") else content
