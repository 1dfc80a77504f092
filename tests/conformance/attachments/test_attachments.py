from hashlib import sha224, sha256, sha384, sha512
from typing import Any

import pytest

from tests.harness.attachments import data_part, describe, receive, send, statements_part
from tests.harness.running_lrs import RunningLrs, School
from tests.harness.statements import make_statement

ESSAY = b"What I did on my holidays.\r\n"
BINARY = bytes(range(256)) + b"\r\n--a-boundary_of.(tests)x\r\n\n--a-boundary_of.(tests)--\n\r"


def test_post__data_comes_back_as_it_was(school: School) -> None:
    statement = make_statement(attachments=[describe(BINARY, "image/png")])
    assert send(school.client, [statements_part(statement), data_part(BINARY, "image/png")]).status_code == 200
    one = receive(school.client, statementId=statement["id"])
    page = receive(school.client)
    sha2 = sha256(BINARY).hexdigest()
    assert one.data == page.data == {sha2: BINARY}
    assert one.content_types == {sha2: "image/png"}
    assert one.statements["id"] == page.statements["statements"][0]["id"] == statement["id"]
