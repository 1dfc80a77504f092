"""Passwords of people: kept as scrypt, with parameters that OWASP names. Superset's environment reads this, too."""

import base64
import hmac
import secrets
from hashlib import scrypt

COST, BLOCK, PARALLEL = 1 << 15, 8, 3
LENGTH = 32
MEMORY = 128 * COST * BLOCK * 2


def hash_password(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt${_text(salt)}${_text(_derive(password, salt))}"


def is_password(password: str, hashed: str) -> bool:
    _, salt, expected = hashed.split("$")
    return hmac.compare_digest(_derive(password, base64.b64decode(salt)), base64.b64decode(expected))


def _derive(password: str, salt: bytes) -> bytes:
    return scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=PARALLEL, maxmem=MEMORY, dklen=LENGTH)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
