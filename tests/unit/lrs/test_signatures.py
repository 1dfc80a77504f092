import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from core.xapi.errors import StatementError
from core.xapi.statements import read_statement
from core.xapi.versions import Version
from lrs.signatures import MOST_CERTIFICATES, check_signature
from tests.harness.attachments import describe
from tests.harness.signing import certificate, elliptic_key, encode, rsa_key, sign, x5c
from tests.harness.statements import make_statement

STATEMENT = make_statement(id="33cff416-e331-4c9d-969e-5373a1756120", version="1.0.0")
CHAIN = x5c(certificate("signer", "authority"), certificate("authority", "authority"))


def check(jws: bytes, statement: dict[str, Any] = STATEMENT, version: Version = Version.V1) -> None:
    check_signature(read_statement(json.dumps(statement).encode(), version), jws, version)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
@pytest.mark.parametrize("chain", [None, CHAIN[:1], CHAIN])
@pytest.mark.parametrize("version", list(Version))
def test_check__right(algorithm: str, chain: list[str] | None, version: Version) -> None:
    check(sign(STATEMENT, algorithm, chain=chain), version=version)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": None},
        {"version": "1.0.3"},
        {"id": None},
        {"id": STATEMENT["id"].upper()},
        {"timestamp": "2026-06-01T12:00:00+02:00"},
        {"timestamp": None},
        {"stored": "2026-06-01T12:00:00Z"},
        {"object": {"objectType": "Activity", "id": STATEMENT["object"]["id"], "definition": {"name": {"en": "One"}}}},
    ],
)
def test_check__payload_that_is_equivalent(changes: dict[str, Any]) -> None:
    check(sign({**STATEMENT, **changes} if None not in changes.values() else without(*changes), chain=CHAIN))


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in STATEMENT.items() if name not in names}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "33cff416-e331-4c9d-969e-5373a1756121"},
        {"actor": {"mbox": "mailto:eve@school.example"}},
        {"timestamp": "2026-06-01T10:00:01Z"},
        {"result": {"success": True}},
        {"attachments": [describe(b"essay", fileUrl="https://lms.example/essay")]},
    ],
)
def test_check__payload_of_another_statement(changes: dict[str, Any]) -> None:
    with pytest.raises(StatementError, match=r"^payload: found another statement"):
        check(sign({**STATEMENT, **changes}, chain=CHAIN))


def test_check__other_attachments_are_signed_too() -> None:
    attached = {**STATEMENT, "attachments": [describe(b"essay", fileUrl="https://lms.example/essay")]}
    check(sign(attached), attached)
    with pytest.raises(StatementError, match="another statement"):
        check(sign(STATEMENT), attached)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "one|attachment of another form"),
        (b"{'", "payload: found"),
        (b"[]", "payload: found"),
        (b'{"actor": {}}', "payload.actor: found"),
        (b"\xff", "payload: found a byte that is not UTF-8"),
        (b"[" * 100_000, "payload: found"),
    ],
)
def test_check__payload_that_is_no_statement(payload: bytes, message: str) -> None:
    with pytest.raises(StatementError, match=message):
        check(sign(payload, chain=CHAIN))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS256", "PS256", "ES256", "rs256", "RS256 "])
@pytest.mark.parametrize("chain", [None, CHAIN])
def test_check__another_algorithm(algorithm: str, chain: list[str] | None) -> None:
    with pytest.raises(StatementError, match=r"^header.alg: found .* Allowed: RS256, RS384, RS512"):
        check(sign(STATEMENT, algorithm, chain=chain))


@pytest.mark.parametrize("algorithm", [None, 256, ["RS256"]])
def test_check__algorithm_that_is_no_word(algorithm: Any) -> None:
    with pytest.raises(StatementError, match=r"^header"):
        check(sign(STATEMENT, alg=algorithm))


def test_check__algorithm_given_twice() -> None:
    jws = sign(STATEMENT)
    head = encode(b'{"alg":"RS256","alg":"none"}')
    with pytest.raises(StatementError, match=r"^header"):
        check(head + jws[jws.index(b".") :])


def test_check__hash_keyed_with_the_public_key() -> None:
    public = rsa_key("signer").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for algorithm in ("HS256", "RS256"):
        head = json.dumps({"alg": algorithm, "x5c": CHAIN}).encode()
        signed = encode(head) + b"." + encode(json.dumps(STATEMENT).encode())
        with pytest.raises(StatementError, match=r"^(header.alg|signature): found"):
            check(signed + b"." + encode(hmac.digest(public, signed, "sha256")))


def test_check__another_padding() -> None:
    signed = sign(STATEMENT, chain=CHAIN).rpartition(b".")[0]
    made = rsa_key("signer").sign(signed, PSS(MGF1(SHA256()), PSS.MAX_LENGTH), SHA256())
    with pytest.raises(StatementError, match=r"^signature: found"):
        check(signed + b"." + encode(made))


def test_check__another_key() -> None:
    with pytest.raises(StatementError, match=r"^signature: found one by another key"):
        check(sign(STATEMENT, key=rsa_key("eve"), chain=CHAIN))


def test_check__only_the_first_certificate_counts() -> None:
    with pytest.raises(StatementError, match=r"^signature: found"):
        check(sign(STATEMENT, key=rsa_key("authority"), chain=CHAIN))


def test_check__key_in_the_header_is_not_used() -> None:
    """Neither one that stands there, nor one that could be fetched."""
    with pytest.raises(StatementError, match=r"^signature: found"):
        check(sign(STATEMENT, key=rsa_key("eve"), chain=CHAIN, jwk={"kty": "RSA"}, jku="https://eve.example/keys"))
    check(sign(STATEMENT, chain=CHAIN, x5u="https://eve.example/chain", kid="1"))


def test_check__extension_that_must_be_understood() -> None:
    with pytest.raises(StatementError, match=r"^header.crit"):
        check(sign(STATEMENT, crit=["b64"], b64=False))


@pytest.mark.parametrize(
    "chain",
    [
        [],
        ["not Base64!"],
        ["QUJD"],
        [CHAIN[0][:-8]],
        [CHAIN[0], "QUJD"],
        [CHAIN[0].replace("+", "-").replace("/", "_") + "_"],
        [CHAIN[0], 1],
        [CHAIN[0], CHAIN[0]],
        [CHAIN[1], CHAIN[0]],
        [*CHAIN, *[CHAIN[1]] * MOST_CERTIFICATES],
    ],
)
def test_check__malformed_chain(chain: list[Any]) -> None:
    key = rsa_key("authority") if chain and chain[0] == CHAIN[1] else None
    with pytest.raises(StatementError, match=r"^header\.x5c(\[\d\])?: found"):
        check(sign(STATEMENT, key=key, chain=chain))


@pytest.mark.parametrize("chain", ["x", {}, None, 1])
def test_check__chain_that_is_no_array(chain: Any) -> None:
    with pytest.raises(StatementError, match=r"^header"):
        check(sign(STATEMENT, x5c=chain))


def test_check__certificate_of_an_elliptic_curve() -> None:
    with pytest.raises(StatementError, match=r"^header\.x5c\[0\]: found another key"):
        check(sign(STATEMENT, chain=x5c(certificate("signer", "authority", elliptic_key()))))


@pytest.mark.parametrize(
    "jws",
    [b"", b".", b"..", b"a.b", b"a.b.c.d", sign(STATEMENT) + b"\n", sign(STATEMENT) + b"=", b" " + sign(STATEMENT)],
)
def test_check__another_form(jws: bytes) -> None:
    with pytest.raises(StatementError, match="JSON web signature in compact serialization"):
        check(jws)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_check__changed_afterwards(number: int) -> None:
    parts = sign(STATEMENT, chain=CHAIN).split(b".")
    half = len(parts[number]) // 2
    parts[number] = parts[number][:half] + bytes([parts[number][half] ^ 1]) + parts[number][half + 1 :]
    with pytest.raises(StatementError):
        check(b".".join(parts))


@given(
    st.binary(max_size=200) | st.tuples(*[st.binary(max_size=60)] * 3).map(lambda three: b".".join(map(encode, three)))
)
def test_check__anything_is_clearly_refused(jws: bytes) -> None:
    with pytest.raises(StatementError):
        check(jws)


@given(
    st.dictionaries(
        st.sampled_from(["alg", "x5c", "crit", "typ"]),
        st.recursive(
            st.none() | st.booleans() | st.text(max_size=9) | st.sampled_from(["RS256", *CHAIN]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        ),
    )
)
def test_check__any_header_is_right_or_clearly_refused(header: dict[str, Any]) -> None:
    jws = encode(json.dumps(header).encode()) + b"." + encode(b"{}") + b"." + encode(b"x")
    with pytest.raises(StatementError):
        check(jws)
