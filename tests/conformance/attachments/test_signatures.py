"""Signed statements, asked of a running LRS."""

from typing import Any

import httpx
import pytest

from core.xapi.attachments import SIGNATURE, SIGNATURE_TYPE
from tests.harness.attachments import data_part, describe, receive, send, statements_part
from tests.harness.running_lrs import RunningLrs, School
from tests.harness.signing import certificate, rsa_key, sign, x5c
from tests.harness.statements import make_statement

CHAIN = x5c(certificate("signer", "authority"), certificate("authority", "authority"))


def signed(statement: dict[str, Any], jws: bytes, **changes: Any) -> dict[str, Any]:
    return {**statement, "attachments": [describe(jws, SIGNATURE_TYPE, usageType=SIGNATURE, **changes)]}


def post(school: School, statement: dict[str, Any], jws: bytes, content_type: str = SIGNATURE_TYPE) -> httpx.Response:
    parts = [statements_part(signed(statement, jws, contentType=content_type)), data_part(jws, content_type)]
    return send(school.client, parts)


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
@pytest.mark.parametrize("chain", [None, CHAIN])
def test_signed__accepted(lrs_process: RunningLrs, version: str, algorithm: str, chain: list[str] | None) -> None:
    school = lrs_process.school(version=version)
    statement = make_statement()
    jws = sign(statement, algorithm, chain=chain)
    assert post(school, statement, jws).status_code == 200
    found = receive(school.client, statementId=statement["id"])
    assert list(found.data.values()) == [jws]
    assert list(found.content_types.values()) == [SIGNATURE_TYPE]


def test_signed__twice_is_the_same_statement(school: School) -> None:
    """A signature made anew, with the same content."""
    statement = make_statement()
    for key in ("signer", "eve"):
        jws = sign(statement, key=rsa_key(key))
        assert post(school, statement, jws).json() == [statement["id"]]


def test_signed__duration_finer_than_hundredths(school: School) -> None:
    statement = make_statement(result={"duration": "P1DT12H36M0.1237S"})
    jws = sign({**statement, "result": {"duration": "P1DT12H36M0.12S"}}, chain=CHAIN)
    assert post(school, statement, jws).status_code == 200


def test_signed__several_in_a_batch(school: School) -> None:
    statements = [make_statement(), make_statement()]
    signatures = [sign(statement, chain=CHAIN) for statement in statements]
    data = [data_part(jws, SIGNATURE_TYPE) for jws in signatures]
    swapped = send(school.client, [statements_part(list(map(signed, statements, reversed(signatures)))), *data])
    assert swapped.status_code == 400
    assert swapped.json()["path"] == "statements[0].attachments[0].payload"
    right = send(school.client, [statements_part(list(map(signed, statements, signatures))), *data])
    assert right.status_code == 200


@pytest.mark.parametrize(
    ("jws", "message"),
    [
        (lambda one: sign(one, "HS256"), "header.alg"),
        (lambda one: sign(one, "none"), "header.alg"),
        (lambda one: sign(one, chain=["QUJD"]), "header.x5c[0]"),
        (lambda one: sign(one, key=rsa_key("eve"), chain=CHAIN), "signature"),
        (lambda one: sign({**one, "id": None}), "payload.id"),
        (lambda _: sign(make_statement()), "payload"),
        (lambda _: sign(b"{'actor"), "payload"),
        (lambda _: b"essay", "compact serialization"),
    ],
)
def test_signed__refused(school: School, jws: Any, message: str) -> None:
    statement = make_statement()
    response = post(school, statement, jws(statement))
    assert response.status_code == 400
    assert "statement.attachments[0]" in response.json()["message"]
    assert message in response.json()["message"]
    assert school.client.get("/statements", params={"statementId": statement["id"]}).status_code == 404


def test_signed__content_type_of_something_else(school: School) -> None:
    statement = make_statement()
    response = post(school, statement, sign(statement), "text/plain")
    assert response.status_code == 400
    assert response.json()["path"] == "statement.attachments[0].contentType"


def test_signed__without_the_signature(school: School) -> None:
    """Neither an address to fetch it from nor one that an earlier request brought makes up for it."""
    statement = make_statement()
    jws = sign(statement)
    assert post(school, statement, jws).status_code == 200
    for changes in ({}, {"fileUrl": "https://lms.example/signature"}):
        response = school.client.post("/statements", json=signed(statement, jws, **changes))
        assert response.status_code == 400
        assert response.json()["path"] == "statement.attachments[0]"
