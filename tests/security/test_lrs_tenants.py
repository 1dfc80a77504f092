"""Two tenants that name everything alike: each resource of the LRS keeps them apart."""

import json
from collections.abc import Iterator

import httpx
import pytest

from core.settings import Settings
from local.ports import find_free
from tests.conformance.resources import NEW, PATHS
from tests.harness.database import Database
from tests.harness.lrs import Client, Lrs, running_lrs
from tests.harness.statements import make_statement

pytestmark = pytest.mark.both_databases

REGISTRATION = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
ADA = {"mbox": "mailto:ada@shared.example"}
ACTIVITY = "https://shared.example/lessons/1"
CONTEXTS = {
    "/activities/state": {"activityId": ACTIVITY, "agent": json.dumps(ADA), "registration": REGISTRATION},
    "/agents/profile": {"agent": json.dumps(ADA)},
    "/activities/profile": {"activityId": ACTIVITY},
}
IDS = {path: "stateId" if path == "/activities/state" else "profileId" for path in PATHS}


@pytest.fixture(scope="module")
def lrs(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lrs]:
    log = tmp_path_factory.mktemp("lrs") / "lrs.log"
    with running_lrs(server, database, find_free(set()), log) as lrs:
        yield lrs


@pytest.fixture(scope="module")
def ours(lrs: Lrs) -> Iterator[Client]:
    with lrs.client(lrs.database.tenant("ours")) as client:
        yield client


@pytest.fixture(scope="module")
def theirs(lrs: Lrs) -> Iterator[Client]:
    with lrs.client(lrs.database.tenant("theirs")) as client:
        yield client


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest, ours: Client, theirs: Client) -> Iterator[str]:
    """Afterwards nothing is there, for the next test."""
    path = str(request.param)
    yield path
    for client in (ours, theirs):
        for document_id in ids(client, path):
            assert client.delete(path, params=one(path, document_id)).status_code == 204


def one(path: str, document_id: str = "same") -> dict[str, str]:
    return {**CONTEXTS[path], IDS[path]: document_id}


def ids(client: Client, path: str) -> list[str]:
    found: list[str] = client.get(path, params=CONTEXTS[path]).json()
    return found


def put(client: Client, path: str, content: bytes, document_id: str = "same") -> httpx.Response:
    headers = {"Content-Type": "application/json", **NEW}
    return client.put(path, params=one(path, document_id), content=content, headers=headers)


def get(client: Client, path: str, document_id: str = "same") -> httpx.Response:
    return client.get(path, params=one(path, document_id))


def test_documents__what_one_stores_the_other_does_not_see(ours: Client, theirs: Client, path: str) -> None:
    assert put(ours, path, b'{"whose":"ours"}').status_code == 204
    assert get(theirs, path).status_code == 404
    assert theirs.head(path, params=one(path)).status_code == 404
    assert ids(theirs, path) == []
    assert theirs.get(path, params=CONTEXTS[path]).headers.get("last-modified") is None


def test_documents__each_has_its_own_content_and_etag(ours: Client, theirs: Client, path: str) -> None:
    # If-None-Match: * holds for each, since none sees the other's.
    for client, content in ((ours, b'{"whose":"ours"}'), (theirs, b'{"whose":"theirs"}')):
        assert put(client, path, content).status_code == 204
    assert get(ours, path).json() == {"whose": "ours"}
    assert get(theirs, path).json() == {"whose": "theirs"}
    their_etag = get(theirs, path).headers["etag"]
    assert get(ours, path).headers["etag"] != their_etag
    refused = ours.put(path, params=one(path), content=b"{}", headers={"If-Match": their_etag})
    assert refused.status_code == 412
    assert ours.delete(path, params=one(path), headers={"If-Match": their_etag}).status_code == 412


def test_documents__merging_stays_in_the_tenant(ours: Client, theirs: Client, path: str) -> None:
    put(ours, path, b'{"ours":1}')
    put(theirs, path, b'{"theirs":1}')
    assert theirs.post(path, params=one(path), json={"more": 2}).status_code == 204
    assert get(ours, path).json() == {"ours": 1}
    assert get(theirs, path).json() == {"theirs": 1, "more": 2}


def test_documents__lists_are_of_the_tenant(ours: Client, theirs: Client, path: str) -> None:
    for client, names in ((ours, ["same", "ours"]), (theirs, ["same", "theirs"])):
        for name in names:
            put(client, path, b"{}", name)
    assert ids(ours, path) == ["ours", "same"]
    assert ids(theirs, path) == ["same", "theirs"]


def test_documents__deleting_stays_in_the_tenant(ours: Client, theirs: Client, path: str) -> None:
    for client in (ours, theirs):
        put(client, path, b"{}")
    assert theirs.delete(path, params=one(path)).status_code == 204
    assert get(theirs, path).status_code == 404
    assert get(ours, path).status_code == 200


def test_state__deleting_all_stays_in_the_tenant(ours: Client, theirs: Client) -> None:
    path = "/activities/state"
    for client in (ours, theirs):
        for name in ("a", "b"):
            put(client, path, b"{}", name)
    for context in (CONTEXTS[path], {name: CONTEXTS[path][name] for name in ("activityId", "agent")}):
        assert theirs.delete(path, params=context).status_code == 204
    assert ids(theirs, path) == []
    assert ids(ours, path) == ["a", "b"]
    assert ours.delete(path, params=CONTEXTS[path]).status_code == 204


def test_agents__names_are_of_the_tenant(ours: Client, theirs: Client) -> None:
    ours.post("/statements", json=make_statement(actor={**ADA, "name": "Ada of ours"}))
    theirs.post("/statements", json=make_statement(actor={**ADA, "name": "Ada of theirs"}))
    for client, name in ((ours, "Ada of ours"), (theirs, "Ada of theirs")):
        assert client.get("/agents", params={"agent": json.dumps(ADA)}).json()["name"] == [name]


def test_activities__definitions_are_of_the_tenant(ours: Client, theirs: Client) -> None:
    definition = {"name": {"en": "A lesson of ours"}, "extensions": {"https://shared.example/x": "ours"}}
    ours.post("/statements", json=make_statement(object={"id": ACTIVITY, "definition": definition}))
    found = theirs.get("/activities", params={"activityId": ACTIVITY}).json()
    assert found == {"objectType": "Activity", "id": ACTIVITY}
    theirs.post("/statements", json=make_statement(object={"id": ACTIVITY, "definition": {"name": {"de": "Ihre"}}}))
    assert ours.get("/activities", params={"activityId": ACTIVITY}).json()["definition"] == definition


def test_statements__the_same_id(ours: Client, theirs: Client) -> None:
    one_id = make_statement()
    for client, success in ((ours, True), (theirs, False)):
        answer = client.post("/statements", json={**one_id, "result": {"success": success}})
        assert answer.status_code == 200, answer.text
    for client, success in ((ours, True), (theirs, False)):
        found = client.get("/statements", params={"statementId": one_id["id"]}).json()
        assert found["result"] == {"success": success}
