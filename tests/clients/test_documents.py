"""State and profiles by the client `@xapi/xapi`, and what the LRS knows about people and activities."""

from typing import Any
from uuid import uuid4

import pytest

from tests.clients.conftest import Xapi
from tests.conformance.resources import ACTIVITY_PROFILE, AGENT_PROFILE, STATE
from tests.harness.lrs import V1, Client
from tests.harness.node import INSTALL_SECONDS
from tests.harness.statements import make_statement

pytestmark = pytest.mark.timeout(INSTALL_SECONDS)

AGENT = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "ada & co"}}
LESSON = "https://lms.example/lessons/1?part=2&language=de"
NEW = {"matchHeader": "If-None-Match", "etag": "*"}

# What the client calls each resource, its place, and how it names the document and its content.
KINDS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    STATE: ("State", {"activityId": LESSON, "agent": AGENT}, "stateId", "state"),
    AGENT_PROFILE: ("AgentProfile", {"agent": AGENT}, "profileId", "profile"),
    ACTIVITY_PROFILE: ("ActivityProfile", {"activityId": LESSON}, "profileId", "profile"),
}


@pytest.fixture(params=KINDS)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def calls(xapi: Xapi, path: str) -> Any:
    """`call("set", "bookmark", {"page": 7})` is setState, setAgentProfile or setActivityProfile."""
    name, place, id_name, content_name = KINDS[path]

    def call(verb: str, document_id: str | None = None, content: object = None, **more: Any) -> Any:
        params = dict(place)
        if document_id is not None:
            params[id_name] = document_id
        if content is not None:
            params[content_name] = content
        made = xapi.refused if more.pop("refused", False) else xapi
        return made(f"{verb}{name}", **params, **more)

    return call


def test_document__set_and_get(xapi: Xapi, client: Client, path: str) -> None:
    call = calls(xapi, path)
    call("set", "a bookmark / 1", {"page": 7, "märk": "ß"}, **NEW)
    answer = call("get", "a bookmark / 1")
    assert answer["data"] == {"page": 7, "märk": "ß"}
    assert answer["headers"]["content-type"] == "application/json"
    place = {name: value for name, value in KINDS[path][1].items() if name == "activityId"}
    if "agent" in KINDS[path][1]:
        place["agent"] = '{"account":{"homePage":"https://lms.example","name":"ada & co"}}'
    seen = client.get(path, params={**place, KINDS[path][2]: "a bookmark / 1"})
    assert seen.json() == answer["data"]
    assert seen.headers["etag"].removeprefix("W/") == answer["headers"]["etag"].removeprefix("W/")


def test_document__create_merges(xapi: Xapi, path: str) -> None:
    call = calls(xapi, path)
    call("create", "marks", {"page": 7, "zoom": 1})
    call("create", "marks", {"page": 8, "dark": True})
    assert call("get", "marks")["data"] == {"page": 8, "zoom": 1, "dark": True}


def test_document__changed_only_as_seen(xapi: Xapi, path: str) -> None:
    call = calls(xapi, path)
    call("set", "marks", {"page": 1}, **NEW)
    seen = call("get", "marks")["headers"]["etag"]
    call("set", "marks", {"page": 2}, matchHeader="If-Match", etag=seen)
    late = call("set", "marks", {"page": 3}, matchHeader="If-Match", etag=seen, refused=True)
    assert late["data"]
    assert call("get", "marks")["data"] == {"page": 2}


def test_document__large_is_compressed_and_its_etag_holds(xapi: Xapi, path: str) -> None:
    call = calls(xapi, path)
    suspend_data = {"data": "0123456789abcdef" * 4000}
    call("set", "suspend", suspend_data, **NEW)
    answer = call("get", "suspend")
    assert answer["data"] == suspend_data
    assert answer["headers"]["etag"].startswith('W/"')
    call("set", "suspend", {"data": ""}, matchHeader="If-Match", etag=answer["headers"]["etag"])
    assert call("get", "suspend")["data"] == {"data": ""}


def test_document__text(xapi: Xapi, path: str, adapter: str) -> None:
    call = calls(xapi, path)
    call("set", "note", "Seite 7, Zeile 3", contentType="text/plain", **NEW)
    answer = call("get", "note")
    assert answer["data"] == "Seite 7, Zeile 3"
    assert answer["headers"]["content-type"] == "text/plain"


def test_document__many_and_delete(xapi: Xapi, path: str) -> None:
    call = calls(xapi, path)
    for name in ("b", "a", "c"):
        call("set", name, {"name": name}, **NEW)
    name, place, _, _ = KINDS[path]
    assert xapi(f"get{name}s", **place)["data"] == ["a", "b", "c"]
    updated = call("get", "c")["headers"]["last-modified"]
    assert updated.endswith("GMT")
    assert xapi(f"get{name}s", **place, since="2100-01-01T00:00:00Z")["data"] == []
    call("delete", "b")
    assert xapi(f"get{name}s", **place)["data"] == ["a", "c"]
    assert "no such document" in str(call("get", "b", refused=True)["data"])


def test_states__of_a_registration(xapi: Xapi) -> None:
    place, registration = KINDS[STATE][1], str(uuid4())
    xapi("setState", **place, stateId="same", state={"in": "none"})
    xapi("setState", **place, stateId="same", state={"in": "registration"}, registration=registration)
    xapi("setState", **place, stateId="other", state={}, registration=registration)
    got = xapi("getState", **place, stateId="same", registration=registration)["data"]
    assert got == {"in": "registration"}
    assert xapi("getStates", **place, registration=registration)["data"] == ["other", "same"]
    xapi("deleteStates", **place, registration=registration)
    assert xapi("getStates", **place)["data"] == ["same"]
    assert xapi("getState", **place, stateId="same")["data"] == {"in": "none"}


def test_agent__all_that_is_known(xapi: Xapi) -> None:
    for name in ("Ada", "Ada L."):
        xapi("sendStatement", statement=make_statement(actor={**AGENT, "name": name}))
    person = xapi("getAgent", agent=AGENT)["data"]
    assert person["objectType"] == "Person"
    assert sorted(person["name"]) == ["Ada", "Ada L."]
    assert person["account"] == [AGENT["account"]]


def test_activity__as_statements_describe_it(xapi: Xapi) -> None:
    for definition in ({"name": {"en": "Lesson"}}, {"name": {"de": "Lektion"}, "type": "https://lms.example/lesson"}):
        xapi("sendStatement", statement=make_statement(object={"id": LESSON, "definition": definition}))
    activity = xapi("getActivity", activityId=LESSON)["data"]
    assert activity["id"] == LESSON
    assert activity["definition"] == {"name": {"en": "Lesson", "de": "Lektion"}, "type": "https://lms.example/lesson"}


def test_about__without_credential(xapi: Xapi) -> None:
    about = xapi.with_auth("")("getAbout")["data"]
    assert {V1, "2.0.0"} <= set(about["version"])
