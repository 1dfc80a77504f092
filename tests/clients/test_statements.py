"""Statements by the client `@xapi/xapi`: sent, read back, paged through, voided."""

from typing import Any
from uuid import uuid4

import pytest

from tests.clients.conftest import Xapi
from tests.harness.lrs import Client, Lrs, wait_consistent
from tests.harness.node import INSTALL_SECONDS
from tests.harness.statements import VERB, make_statement

pytestmark = pytest.mark.timeout(INSTALL_SECONDS)

ADA = {"objectType": "Agent", "mbox": "mailto:ada@school.example", "name": "Ada"}


def sent(xapi: Xapi, count: int, **changes: Any) -> list[str]:
    ids: list[str] = xapi("sendStatements", statements=[make_statement(**changes) for _ in range(count)])["data"]
    return ids


def found(xapi: Xapi, **selection: Any) -> list[str]:
    return [statement["id"] for statement in xapi("getStatements", **selection)["data"]["statements"]]


def test_send__read_back(xapi: Xapi, client: Client, lrs: Lrs) -> None:
    # Without an id, as content sends it.
    statement = make_statement(id=None, result={"score": {"scaled": 0.95, "raw": 19}, "response": "Grüße, 世界 👋"})
    answer = xapi("sendStatement", statement=statement)
    assert answer["status"] == 200
    (statement_id,) = answer["data"]

    read = xapi("getStatement", statementId=statement_id)["data"]
    assert {name: read[name] for name in statement} == statement
    assert read["authority"]["objectType"] == "Agent"
    assert read == client.get("/statements", params={"statementId": statement_id}).json()
    with lrs.database.admin() as connection:
        (body,) = connection.execute(
            "select statement from xapi.statements where statement_id = %s", [statement_id]
        ).fetchone() or [None]
    assert body == read


def test_send__many_at_once(xapi: Xapi, client: Client) -> None:
    statements = [make_statement() for _ in range(20)]
    ids = xapi("sendStatements", statements=statements)["data"]
    assert ids == [statement["id"] for statement in statements]
    kept = client.get("/statements").json()["statements"]
    assert {statement["id"] for statement in kept} == set(ids)


def test_page__to_the_end(xapi: Xapi) -> None:
    newest_first = [sent(xapi, 1)[0] for _ in range(7)][::-1]
    page = xapi("getStatements", limit=3)["data"]
    pages = [page["statements"]]
    while page["more"]:
        page = xapi("getMoreStatements", more=page["more"])["data"]
        pages.append(page["statements"])
    assert [len(each) for each in pages] == [3, 3, 1]
    assert [statement["id"] for each in pages for statement in each] == newest_first


def test_read__each_filter(xapi: Xapi, client: Client) -> None:
    registration, course = str(uuid4()), "https://lms.example/courses/1"
    context = {"registration": registration, "contextActivities": {"parent": [{"id": course}]}, "instructor": ADA}
    grace = {"mbox": "mailto:grace@school.example"}
    (in_course,) = sent(xapi, 1, actor=grace, context=context)
    (by_ada,) = sent(
        xapi, 1, verb={"id": "http://adlnet.gov/expapi/verbs/attempted"}, object={"id": "https://a.example"}
    )
    stored = client.get("/statements", params={"statementId": by_ada}).json()["stored"]

    assert found(xapi, agent=grace) == [in_course]
    assert found(xapi, agent=ADA, related_agents=True) == [by_ada, in_course]
    assert found(xapi, verb=VERB) == [in_course]
    assert found(xapi, activity="https://a.example") == [by_ada]
    assert found(xapi, activity=course) == []
    assert found(xapi, activity=course, related_activities=True) == [in_course]
    assert found(xapi, registration=registration) == [in_course]
    assert found(xapi, since=stored) == []
    wait_consistent(client, stored)
    assert found(xapi, until=stored, ascending=True) == [in_course, by_ada]


def test_read__formats(xapi: Xapi) -> None:
    definition = {"name": {"en": "A lesson", "de": "Eine Lektion"}}
    (statement_id,) = sent(xapi, 1, object={"id": "https://lms.example/lessons/2", "definition": definition})
    only_ids = xapi("getStatement", statementId=statement_id, format="ids")["data"]
    assert only_ids["actor"] == {"mbox": ADA["mbox"]}
    assert "definition" not in only_ids["object"]
    canonical = xapi("getStatement", statementId=statement_id, format="canonical")["data"]
    assert len(canonical["object"]["definition"]["name"]) == 1


def test_void__one(xapi: Xapi, client: Client) -> None:
    kept, wrong = sent(xapi, 2)
    (void,) = xapi("voidStatement", actor=ADA, statementId=wrong)["data"]
    assert sorted(found(xapi)) == sorted([void, kept])
    assert xapi.refused("getStatement", statementId=wrong)["data"]
    assert xapi("getVoidedStatement", voidedStatementId=wrong)["data"]["id"] == wrong
    assert client.get("/statements", params={"statementId": wrong}).status_code == 404


def test_void__many(xapi: Xapi) -> None:
    wrong = sent(xapi, 3)
    voids = xapi("voidStatements", actor=ADA, statementIds=wrong)["data"]
    assert sorted(found(xapi)) == sorted(voids)
    assert all(xapi("getVoidedStatement", voidedStatementId=each)["status"] == 200 for each in wrong)


def test_answer__its_headers_reach_the_program(xapi: Xapi, version: str) -> None:
    headers = xapi("getStatements", limit=1)["headers"]
    assert headers["x-experience-api-version"] == version
    assert headers["x-experience-api-consistent-through"].endswith("Z")
