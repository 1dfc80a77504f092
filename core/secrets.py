"""What is derived from the installation's secret key. The key itself is stored nowhere but in the settings."""

import base64
import hmac
import secrets
from hashlib import sha256

from pydantic import SecretStr

from core.errors import UserError


class SecretKey:
    def __init__(self, secret: SecretStr | None) -> None:
        if secret is None:
            raise UserError(
                "The secret key of this installation is not known.",
                "Set LYCEUM_SECRET_KEY to at least 32 random characters; `lyceum up` makes one on a single machine.",
            )
        self._key = secret.get_secret_value().encode()

    def hash_api_secret(self, api_secret: str) -> bytes:
        """Keyed SHA-256, not a slow hash: the secrets are long and random, and each request is checked."""
        return self._mac(b"api-secret", api_secret.encode())

    def reader_password(self, role_name: str) -> str:
        """Derived, so that it lies nowhere: Superset and `lyceum sql` compute it when they log in as the reader."""
        return base64.urlsafe_b64encode(self._mac(b"reader-password", role_name.encode())).decode().rstrip("=")

    def superset_key(self) -> str:
        """Signs Superset's sessions, and encrypts what it keeps secret."""
        return base64.urlsafe_b64encode(self._mac(b"superset", b"")).decode()

    def fingerprint(self) -> str:
        """Says whether two keys are the same, and nothing else about them."""
        return self._mac(b"fingerprint", b"").hex()[:16]

    def sign_link(self, content: bytes) -> bytes:
        return self._mac(b"link", content)

    def _mac(self, purpose: bytes, message: bytes) -> bytes:
        return hmac.digest(self._key, purpose + b"\0" + message, sha256)


def new_api_key_id() -> str:
    return "key-" + secrets.token_hex(12)


def new_api_secret() -> str:
    return secrets.token_urlsafe(32)


def new_role_name() -> str:
    return "reader_" + secrets.token_hex(8)
