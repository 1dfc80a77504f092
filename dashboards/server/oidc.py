"""Sign-in by OpenID Connect."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dashboards.service import Oidc

PROVIDER = "oidc"
SLUG = re.compile(r"[a-z0-9-]+")


class RefusedError(Exception):
    """What the issuer says of somebody is not enough to know them by."""


def providers(oidc: Oidc | None) -> list[dict[str, Any]]:
    """As Flask-AppBuilder wants them."""
    if oidc is None:
        return []
    return [
        {
            "name": PROVIDER,
            "icon": "fa-sign-in",
            "token_key": "access_token",
            "remote_app": {
                "client_id": oidc.client_id,
                "client_secret": oidc.client_secret,
                "server_metadata_url": f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration",
                "client_kwargs": {"scope": "openid email profile", "code_challenge_method": "S256"},
            },
        }
    ]


def user_names(oidc: Oidc, claims: Mapping[str, Any]) -> Iterator[str]:
    """Who that may be, by the claims of an ID token whose signature, nonce, times and issuer were checked."""
    audience = claims.get("aud")
    if oidc.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise RefusedError("the token is for somebody else")
    mail = claims.get(oidc.person_claim)
    if not isinstance(mail, str) or "@" not in mail:
        raise RefusedError(f"the claim {oidc.person_claim} is no mail address")
    if oidc.person_claim == "email" and claims.get("email_verified") is not True:
        raise RefusedError("the mail address is not verified")
    tenant = oidc.tenant or claims.get(oidc.tenant_claim)
    if tenant is None or oidc.tenant is not None:
        # A tenant's own issuer may hold its operators, too; a name with a slash would be somebody of a tenant.
        yield from [mail.lower()] if "/" not in mail else []
    if isinstance(tenant, str) and SLUG.fullmatch(tenant):
        yield f"{tenant}/{mail.lower()}"
