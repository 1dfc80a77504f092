"""Dagster's pages do what they are asked without a login: so they are asked by this machine's people only, and not by
other sites' pages in their browsers. What they tell is no secret and nobody's data."""

import base64
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from dagster_graphql.schema import create_schema
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from tests.harness.raw_http import Request, exchange
from tests.security.platform.conftest import LEARNER, Platform

pytestmark = pytest.mark.timeout(400)
PATHS = ("/", "/server_info", "/graphql", "/runs", "/logs/x/y.err", "/download_debug/x", "/report_asset_check/x")
ELSEWHERE = "evil.example"
HERE = ("127.0.0.1", "localhost", "[::1]")
FOREIGN_HOSTS = (
    ELSEWHERE,
    f"{ELSEWHERE}:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "0.0.0.0",  # noqa: S104 - nobody listens there
    "",
    "evil@localhost",
)
# What a browser says of a page of another site, or of another server on this machine.
FOREIGN_PAGES = [
    {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": kind}
    for site in ("cross-site", "same-site")
    for mode, kind in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("no-cors", "script"))
]
FOREIGN_ORIGINS = [
    {"Origin": origin} for origin in (f"http://{ELSEWHERE}", "null", "http://127.0.0.1:1", "https://localhost")
]
DEPTH = 2
RUNS = """{ runsOrError { ... on Runs { results {
    jobName status runConfigYaml tags { key value }
    eventConnection { events { ... on MessageEvent { message stepKey } ... on MaterializationEvent { metadataEntries {
        label description ... on TextMetadataEntry { text } ... on JsonMetadataEntry { jsonString }
    } } } }
} } } }"""
STOP = 'mutation { stopRunningSchedule(scheduleOriginId: "x", scheduleSelectorId: "x") { __typename } }'


@pytest.fixture
def visitor(platform: Platform) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.dagster, timeout=30) as visitor:
        yield visitor


def test_pages__are_there_for_this_machine(visitor: httpx.Client) -> None:
    port = visitor.base_url.port
    for name in HERE:
        for host in (name, f"{name}:{port}", f"{name}:9000"):
            own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
            assert visitor.get("/server_info", headers=own).status_code == 200
            assert ask(visitor, "{ version }", own)["version"]
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert visitor.get("/", headers=link).status_code == 200
    assert visitor.post("/graphql", json={"query": "{ version }"}, headers=link).status_code == 403


def test_pages__of_other_sites_are_refused(visitor: httpx.Client, proof: Callable[..., None]) -> None:
    others = [*({"Host": host} for host in FOREIGN_HOSTS), *FOREIGN_PAGES, *FOREIGN_ORIGINS]
    asked = list(itertools.product(others, PATHS, ("GET", "POST")))
    for said, path, method in asked:
        answer = visitor.request(method, path, params={"query": STOP}, headers=said)
        assert (answer.status_code, answer.text.count("\n")) == (403, 1), (said, path, method)
    proof(attempts=len(asked))


@pytest.mark.parametrize("said", [*FOREIGN_ORIGINS, {"Host": ELSEWHERE}], ids=str)
def test_subscriptions__of_other_sites_are_refused(platform: Platform, said: dict[str, str]) -> None:
    own = {"Host": platform.dagster.removeprefix("http://"), "Origin": platform.dagster}
    assert shake_hands(platform, own) == 101
    assert shake_hands(platform, own | said) == 403


def shake_hands(platform: Platform, said: dict[str, str]) -> int:
    upgrade = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Protocol": "graphql-ws",
    }  # fmt: skip
    headers = [(name.encode(), value.encode()) for name, value in (upgrade | said).items()]
    answer = exchange(platform.dagster, Request("GET", b"/graphql", headers).encode())
    assert answer is not None
    return answer.status


def test_graphql__tells_no_secret_and_nobodys_data(
    platform: Platform, visitor: httpx.Client, proof: Callable[..., None]
) -> None:
    """Each question that can be asked without knowing of anything, what hangs on its answer, and each run's log."""
    schema = create_schema().graphql_schema
    found = schema.query_type.fields.items()
    questions = [f"{{ {name} {chosen(schema, field.type, DEPTH)} }}" for name, field in found if needs_nothing(field)]
    told = 0
    for question in (*questions, RUNS):
        answer = visitor.post("/graphql", json={"query": question})
        assert answer.status_code in {200, 500}, answer.text[:500]
        assert platform.hidden.named_in(answer.content) == set(), question
        assert LEARNER not in answer.text, question
        told += len(answer.content)
    assert "keep_marts" in answer.text, "there was a run, and it was told of"
    assert told > 200_000
    proof(questions=len(questions) + 1, bytes_told=told)


def needs_nothing(field: GraphQLField) -> bool:
    return not any(is_required_argument(argument) for argument in field.args.values())


def chosen(schema: GraphQLSchema, given: GraphQLType, depth: int) -> str:
    """All of it, so many steps deep. Each field is called by its type as well: two of one name need not be alike."""
    match get_named_type(given):
        case GraphQLInterfaceType() | GraphQLUnionType() as kind:
            kinds = [*schema.get_possible_types(kind)]
        case GraphQLObjectType() as kind:
            kinds = [kind]
        case _:
            return ""
    return "{ __typename " + " ".join(f"... on {one.name} {{ {fields(schema, one, depth)} }}" for one in kinds) + " }"


def fields(schema: GraphQLSchema, kind: GraphQLObjectType, depth: int) -> str:
    asked = [
        f"{kind.name}_{name}: {name} {chosen(schema, field.type, depth - 1)}"
        for name, field in kind.fields.items()
        if needs_nothing(field) and (depth > 1 or is_leaf_type(get_named_type(field.type)))
    ]
    return " ".join(asked) or "__typename"


def ask(visitor: httpx.Client, query: str, headers: dict[str, str]) -> dict[str, Any]:
    answer = visitor.post("/graphql", json={"query": query}, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["data"]
    return told
