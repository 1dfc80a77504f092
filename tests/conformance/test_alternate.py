"""The Alternate Request Syntax: requests of 1.0.x as the POST of a form."""

import base64
import json
import socket
from uuid import uuid4

import httpx
import pytest

from tests.conformance.resources import STATE, Resource, new_resource, refusal
from tests.harness.lrs import V1, V2, Client, Lrs
from tests.harness.statements import make_statement


@pytest.fixture
def state() -> Resource:
    return new_resource(STATE)


@pytest.fixture
def client(schools: dict[str, Client]) -> Client:
    return schools[V1]


def basic(client: Client) -> str:
    return "Basic " + base64.b64encode(":".join(client.credentials).encode()).decode()


def test_put_and_get__of_a_statement(client: Client) -> None:
    statement = make_statement(id=None)
    form = {"statementId": str(uuid4()), "content": json.dumps(statement)}
    assert client.post("/statements?method=PUT", data=form).status_code == 204
    found = client.post("/statements?method=GET", data={"statementId": form["statementId"]})
    assert found.status_code == 200
    assert found.json()["verb"] == statement["verb"]
    assert "x-experience-api-consistent-through" in found.headers


def test_post__of_statements(client: Client) -> None:
    statement = make_statement()
    answer = client.post("/statements?method=POST", data={"content": json.dumps([statement])})
    assert (answer.status_code, answer.json()) == (200, [statement["id"]])


def test_get__a_page(client: Client) -> None:
    found = client.post("/statements?method=GET", data={"limit": "1"})
    assert found.status_code == 200
    assert set(found.json()) == {"statements", "more"}


def test_headers__all_in_the_form(lrs: Lrs, client: Client, state: Resource) -> None:
    headers = {"Authorization": basic(client), "X-Experience-API-Version": "1.0.3"}
    content = "Grüße & Küsse + 1=2"
    form = {**state.one(), **headers, "Content-Type": "text/plain", "Content-Length": "3", "content": content}
    url = f"{lrs.url}/xAPI{STATE}"
    assert httpx.post(f"{url}?method=PUT", data=form).status_code == 204
    found = client.get(state.url())
    assert (found.text, found.headers["content-type"]) == (content, "text/plain")
    deleted = httpx.post(f"{url}?method=DELETE", data={**state.one(), **headers})
    assert deleted.status_code == 204
    assert client.get(state.url()).status_code == 404


def test_headers__preconditions_in_the_form(client: Client, state: Resource) -> None:
    form = {**state.one(), "content": "{}", "If-None-Match": "*"}
    assert client.post(f"{STATE}?method=PUT", data=form).status_code == 204
    assert client.post(f"{STATE}?method=PUT", data=form).status_code == 412
    form = {**state.one(), "content": "{}", "If-Match": client.get(state.url()).headers["etag"]}
    assert client.post(f"{STATE}?method=PUT", data=form).status_code == 204


def test_headers__the_form_outdoes_the_request(client: Client, state: Resource) -> None:
    form = {**state.one(), "X-Experience-API-Version": "0.8"}
    assert refusal(client.post(f"{STATE}?method=GET", data=form)) == (400, "version")
    form = {**state.one(), "Authorization": "Basic bm9ib2R5OnNlY3JldA=="}
    assert refusal(client.post(f"{STATE}?method=GET", data=form)) == (401, "unauthorized")


def test_form__without_its_own_content_type(client: Client, state: Resource) -> None:
    """The oldest browsers send it as plain text, or as nothing."""
    body = str(httpx.QueryParams({**state.one(), "content": '{"a":1}'})).encode()
    for headers in ({"Content-Type": "text/plain"}, {}):
        assert client.post(f"{STATE}?method=PUT", content=body, headers=headers).status_code == 204
    assert client.get(state.url()).headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_form__content_is_required(client: Client, state: Resource, method: str) -> None:
    refused = client.post(f"{STATE}?method={method}", data=state.one())
    assert refusal(refused) == (400, "alternate_syntax")
    assert client.get(state.url()).status_code == 404


@pytest.mark.parametrize("body", [b"", b'{"statementId":"x","content":"{}"}', b"content=%ff", b"content=\xff"])
def test_form__is_none(client: Client, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/statements?method=PUT", content=body, headers=headers).status_code == 400


def test_form__of_nobody_known_is_bounded(lrs: Lrs, client: Client, state: Resource) -> None:
    url = f"{lrs.url}/xAPI{STATE}?method=PUT"
    form = {
        **state.one(),
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "text/plain",
        "content": "x" * (1 << 20),
    }
    assert refusal(httpx.post(url, data={**form, "Authorization": basic(client)})) == (413, "too_large")
    assert client.get(state.url()).status_code == 404
    assert httpx.post(url, data=form, auth=client.credentials).status_code == 204


@pytest.mark.parametrize(
    ("authorization", "status"), [("", 413), ("Authorization: Basic bm9ib2R5OnNlY3JldA==\r\n", 401)]
)
def test_form__of_nobody_known_is_not_waited_for(lrs: Lrs, authorization: str, status: int) -> None:
    head = f"POST /xAPI/statements?method=PUT HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n{authorization}\r\n"
    with socket.create_connection(("127.0.0.1", httpx.URL(lrs.url).port or 0), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize("query", ["method=PUT&stateId=bookmark", "method=PUT&method=PUT", "method=", "method=PATCH"])
def test_query__only_a_known_method(client: Client, state: Resource, query: str) -> None:
    refused = client.post(f"{STATE}?{query}", data={**state.one(), "content": "{}"})
    assert refused.status_code == 400
    assert client.get(state.url()).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_method__only_as_post(client: Client, state: Resource, method: str) -> None:
    refused = client.request(method, STATE, params={**state.one(), "method": "GET"})
    assert refusal(refused) == (400, "unknown_parameter")


@pytest.mark.parametrize("header", ["text/plain\r\nSet-Cookie: a=b", "text/plain\n", "t\0", "tëxt"])
def test_headers__no_others_can_be_smuggled_in(client: Client, state: Resource, header: str) -> None:
    form = {**state.one(), "Content-Type": header, "content": "x"}
    assert refusal(client.post(f"{STATE}?method=PUT", data=form)) == (400, "alternate_syntax")
    assert client.get(state.url()).status_code == 404


def test_2_0_0__knows_it_no_more(lrs: Lrs, schools: dict[str, Client], state: Resource) -> None:
    form = {**state.one(), "content": "{}"}
    assert refusal(schools[V2].post(f"{STATE}?method=PUT", data=form)) == (400, "unknown_parameter")
    headers = {"Authorization": basic(schools[V2]), "X-Experience-API-Version": "2.0.0"}
    refused = httpx.post(f"{lrs.url}/xAPI{STATE}?method=PUT", data={**form, **headers})
    assert refusal(refused) == (400, "alternate_syntax")
    assert schools[V2].get(state.url()).status_code == 404
