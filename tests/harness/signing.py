"""Keys, certificates and JSON web signatures, right ones and wrong ones."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

HASHES: dict[str, HashAlgorithm] = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}
LONG_AGO = datetime(2013, 4, 4, tzinfo=UTC), datetime(2014, 4, 4, tzinfo=UTC)


@cache
def rsa_key(name: str, bits: int = 2048) -> RSAPrivateKey:
    """The same for the same name, as making one takes a while."""
    return generate_private_key(public_exponent=65537, key_size=bits)


@cache
def elliptic_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(subject: str, issuer: str, key: Any = None) -> x509.Certificate:
    """Out of date, as a statement that is sent again after years will have."""
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key((key or rsa_key(subject)).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(LONG_AGO[0])
        .not_valid_after(LONG_AGO[1])
        .sign(rsa_key(issuer), SHA256())
    )


def x5c(*certificates: x509.Certificate) -> list[str]:
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates]


def sign(
    payload: Mapping[str, Any] | bytes,
    algorithm: str = "RS256",
    *,
    key: RSAPrivateKey | None = None,
    chain: Sequence[str] | None = None,
    **header: Any,
) -> bytes:
    head = {"alg": algorithm, **({} if chain is None else {"x5c": list(chain)}), **header}
    body = payload if isinstance(payload, bytes) else json.dumps(payload, indent=2).encode()
    signed = encode(json.dumps(head).encode()) + b"." + encode(body)
    made = (key or rsa_key("signer")).sign(signed, PKCS1v15(), HASHES.get(algorithm, SHA256()))
    return signed + b"." + encode(made)


def encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
