"""Sign-in by OpenID Connect."""

from typing import Any

from dashboards.service import Oidc


def providers(oidc: Oidc | None) -> list[dict[str, Any]]:
    if oidc is None:
        return []
    return [
        {
            "name": "oidc",
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
