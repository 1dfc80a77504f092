"""Signed statements: a JSON web signature over the statement, as one of its attachments.

Found wrong is what its sender can have got wrong: form, algorithm, payload, the signature itself. Who the signer is,
and whether to trust that, is the reader's to judge: no trust anchors, no dates, nothing fetched from anywhere.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from core.xapi.errors import StatementError, quoted
from core.xapi.sameness import same_statement
from core.xapi.statements import Statement, read_statement
from core.xapi.values import elements, members, string
from core.xapi.versions import Version

# By the header's word; the key is only ever a certificate's, so that none of these can be turned into another.
ALGORITHMS = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}
MOST_CERTIFICATES = 10
KEY_BITS = range(1024, 8193)

_COMPACT = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


class Header(NamedTuple):
    algorithm: str
    certificates: Sequence[x509.Certificate]


def check_signature(statement: Statement, jws: bytes, version: Version) -> None:
    """Paths in errors start at the signature."""
    found = _COMPACT.fullmatch(jws)
    if found is None:
        raise StatementError("", "an attachment of another form", "a JSON web signature in compact serialization")
    header = _header(_decode("header", found[1]))
    payload = _decode("payload", found[2])
    signature = _decode("signature", found[3])
    if header.certificates:
        _verify(header, jws[: found.end(2)], signature)
    if not same_statement(statement, _signed(payload, version)):
        raise StatementError("payload", "another statement", "the statement that is signed, without its signature")


def _header(text: bytes) -> Header:
    try:
        found = members(text)
        algorithm = string(found["alg"]) if "alg" in found else ""
        chain = elements(found["x5c"]) if "x5c" in found else None
    except StatementError as error:
        raise error.under("header") from None
    if algorithm not in ALGORITHMS:
        raise StatementError("header.alg", quoted(algorithm), ", ".join(ALGORITHMS))
    if "crit" in found:
        raise StatementError("header.crit", "extensions", "none, as they would have to be understood here")
    return Header(algorithm, () if chain is None else _certificates(chain))


def _certificates(chain: Sequence[bytes]) -> list[x509.Certificate]:
    if not 0 < len(chain) <= MOST_CERTIFICATES:
        raise StatementError("header.x5c", f"{len(chain)} certificates", f"1 to {MOST_CERTIFICATES}")
    certificates = [_certificate(f"header.x5c[{index}]", text) for index, text in enumerate(chain)]
    for index in range(1, len(certificates)):
        if certificates[index - 1].issuer != certificates[index].subject:
            raise StatementError(
                f"header.x5c[{index}]", "a certificate of another", "the issuer of the certificate before it"
            )
    return certificates


def _certificate(path: str, text: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(base64.b64decode(string(text), validate=True))
    except StatementError as error:
        raise error.under(path) from None
    except (ValueError, UnsupportedAlgorithm):
        raise StatementError(path, "something else", "an X.509 certificate, DER in Base64") from None


def _verify(header: Header, signed: bytes, signature: bytes) -> None:
    key = _rsa_key(header.certificates[0])
    try:
        key.verify(signature, signed, PKCS1v15(), ALGORITHMS[header.algorithm])
    except InvalidSignature:
        raise StatementError(
            "signature", "one by another key, or over other bytes", "one that header.x5c[0] verifies"
        ) from None


def _rsa_key(certificate: x509.Certificate) -> RSAPublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size not in KEY_BITS:
        raise StatementError("header.x5c[0]", "another key", f"an RSA key of {KEY_BITS[0]} to {KEY_BITS[-1]} bits")
    return key


def _signed(payload: bytes, version: Version) -> Statement:
    try:
        return read_statement(payload, version)
    except StatementError as error:
        raise error.under("payload") from None


def _decode(path: str, text: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        raise StatementError(path, "something else", "Base64url without padding") from None
