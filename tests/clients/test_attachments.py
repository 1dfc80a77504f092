"""Files beside statements by the client `@xapi/xapi`, whose multipart is its own."""

import base64
from hashlib import sha256
from typing import Any

import pytest

from tests.clients.conftest import Xapi
from tests.harness.attachments import describe, receive
from tests.harness.lrs import Client
from tests.harness.node import INSTALL_SECONDS
from tests.harness.statements import make_statement

pytestmark = pytest.mark.timeout(INSTALL_SECONDS)

ESSAY = "What I did on my holidays: nothing. Grüße!".encode()
PICTURE = bytes(range(256)) * 20 + b"\r\n--\r\n\r\n"


@pytest.fixture
def adapter() -> str:
    return "fetch"


def sent(xapi: Xapi, statement: Any, *parts: bytes) -> str:
    statement_id: str = xapi("sendStatement", statement=statement, attachments=encoded(*parts))["data"][0]
    return statement_id


def encoded(*parts: bytes) -> list[dict[str, str]]:
    return [{"base64": base64.b64encode(part).decode()} for part in parts]


def by_hash(*parts: bytes) -> dict[str, bytes]:
    return {sha256(part).hexdigest(): part for part in parts}


def test_attachment__sent_and_read(xapi: Xapi, client: Client) -> None:
    statement_id = sent(xapi, make_statement(attachments=[describe(ESSAY)]), ESSAY)
    statement, data = xapi("getStatement", statementId=statement_id, attachments=True)["data"]
    assert statement["id"] == statement_id
    assert data == ESSAY.decode()
    assert receive(client, statementId=statement_id).data == by_hash(ESSAY)


def test_attachment__binary_arrives_whole(xapi: Xapi, client: Client) -> None:
    described = describe(PICTURE, "application/octet-stream")
    statement_id = sent(xapi, make_statement(attachments=[described]), PICTURE)
    assert receive(client, statementId=statement_id).data == by_hash(PICTURE)


def test_attachment__pages_of_statements(xapi: Xapi) -> None:
    ids = [sent(xapi, make_statement(attachments=[describe(data)]), data) for data in (b"one", b"two")]
    page, data = xapi("getStatements", attachments=True, limit=1)["data"]
    assert ([statement["id"] for statement in page["statements"]], data) == (ids[1:], "two")
    page, data = xapi("getMoreStatements", more=page["more"])["data"]
    assert ([statement["id"] for statement in page["statements"]], data) == (ids[:1], "one")


def test_attachments__several_need_a_line_end(xapi: Xapi, client: Client) -> None:
    # This client puts nothing between the data of one and the boundary before the next; docs/lrs.md says what to do.
    statement = make_statement(attachments=[describe(ESSAY), describe(PICTURE)])
    refusal = xapi.refused("sendStatement", statement=statement, attachments=encoded(ESSAY, PICTURE))
    assert "Part 2: X-Experience-API-Hash is not the SHA-2 sum" in refusal["data"]
    statement_id = sent(xapi, statement, ESSAY + b"\r\n", PICTURE)
    assert receive(client, statementId=statement_id).data == by_hash(ESSAY, PICTURE)


@pytest.mark.parametrize("adapter", ["axios"])
def test_attachment__by_axios_in_node_is_refused_with_the_reason(xapi: Xapi) -> None:
    # There axios replaces the client's Content-Type, and the boundary is lost with it. Browsers keep it.
    statement = make_statement(attachments=[describe(ESSAY)])
    refusal = xapi.refused("sendStatement", statement=statement, attachments=encoded(ESSAY))
    assert refusal["status"] == 400
    assert "application/octet-stream" in refusal["data"]["message"]
