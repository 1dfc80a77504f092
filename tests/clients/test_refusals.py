"""What the client `@xapi/xapi` sees when the LRS says no: enough to know what to mend."""

import json
from typing import Any

import pytest

from tests.clients.conftest import Xapi
from tests.harness.lrs import Client
from tests.harness.node import INSTALL_SECONDS
from tests.harness.statements import make_statement

pytestmark = pytest.mark.timeout(INSTALL_SECONDS)


def error(answer: Any, status: int) -> dict[str, str]:
    """With fetch, the client's error is the text of the answer and nothing else."""
    assert answer.get("status") in (status, None)
    data = answer["data"]
    body: dict[str, str] = json.loads(data) if isinstance(data, str) else data
    return body


def test_refused__wrong_secret(xapi: Xapi) -> None:
    for auth in ("Basic d3Jvbmc6d3Jvbmc=", ""):
        refusal = error(xapi.with_auth(auth).refused("getStatements"), 401)
        assert refusal["error"] == "unauthorized"


def test_refused__bad_statement_of_a_batch(xapi: Xapi, client: Client) -> None:
    good, bad = make_statement(), make_statement(result={"score": {"scaled": 7}})
    refusal = error(xapi.refused("sendStatements", statements=[good, bad]), 400)
    assert refusal["error"] == "invalid_statement"
    assert refusal["path"] == "statements[1].result.score.scaled"
    assert refusal["path"] in refusal["message"]
    assert client.get("/statements").json()["statements"] == []


def test_refused__conflict(xapi: Xapi) -> None:
    statement = make_statement()
    for _ in range(2):
        assert xapi("sendStatement", statement=statement)["data"] == [statement["id"]]
    other = {**statement, "result": {"completion": True}}
    assert statement["id"] in error(xapi.refused("sendStatement", statement=other), 409)["message"]


def test_refused__unknown_statement(xapi: Xapi) -> None:
    refusal = error(xapi.refused("getStatement", statementId=make_statement()["id"]), 404)
    assert refusal["error"] == "not_found"


def test_refused__cache_buster(xapi: Xapi) -> None:
    # xAPI has parameters that are not known refused, and answers are not kept in caches anyway.
    refusal = error(xapi.refused("getStatements", useCacheBuster=True), 400)
    assert refusal["error"] == "unknown_parameter"
    assert "cachebuster" in refusal["message"]
