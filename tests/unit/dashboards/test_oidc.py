from typing import Any

import pytest

from dashboards.server.oidc import RefusedError, providers, user_names
from dashboards.service import Oidc


def settings(tenant: str | None = None, person_claim: str = "email") -> Oidc:
    return Oidc("https://id.example/", "us", "secret", tenant, "tenant", person_claim)


def claims(**others: Any) -> dict[str, Any]:
    return {"aud": "us", "email": "Ann@School.example", "email_verified": True, **others}


def names(oidc: Oidc, said: dict[str, Any]) -> list[str]:
    return list(user_names(oidc, said))


def test_names__tenant_from_its_claim() -> None:
    assert names(settings(), claims(tenant="school")) == ["school/ann@school.example"]


def test_names__no_tenant_can_only_be_an_operator() -> None:
    assert names(settings(), claims()) == ["ann@school.example"]


def test_names__an_issuer_of_one_tenant() -> None:
    assert names(settings("school"), claims(tenant="other")) == ["ann@school.example", "school/ann@school.example"]


def test_names__an_operators_mail_that_looks_like_a_tenants() -> None:
    assert names(settings(), claims(email="school/ann@school.example")) == []


@pytest.mark.parametrize("tenant", ["school/ann@school.example", "", 3, ["school"]])
def test_names__a_tenant_that_is_none(tenant: Any) -> None:
    assert names(settings(), claims(tenant=tenant)) == []


@pytest.mark.parametrize(
    "said",
    [
        claims(email_verified=False),
        {"aud": "us", "email": "ann@school.example"},
        claims(email_verified="true"),
        claims(email=None),
        claims(email="ann"),
        claims(aud="them"),
        claims(aud=["them", "others"]),
    ],
)
def test_names__not_enough_to_know_somebody(said: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        names(settings(), said)


def test_names__another_claim_needs_no_verification() -> None:
    said = {"aud": ["us"], "preferred_username": "ann@school.example", "tenant": "school"}
    assert names(settings(person_claim="preferred_username"), said) == ["school/ann@school.example"]


def test_providers__none_without_an_issuer() -> None:
    assert providers(None) == []


def test_providers__finds_out_from_the_issuer() -> None:
    (provider,) = providers(settings())
    assert provider["remote_app"]["server_metadata_url"] == "https://id.example/.well-known/openid-configuration"
