"""The statements resource, in our own words: what xAPI 1.0.3 and 2.0.0 ask of it."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness.lrs import Lrs, wait_consistent
from tests.harness.statements import make_statement, make_void

ADA = '{"mbox":"mailto:ada@school.example"}'


def post(client: httpx.Client, *statements: dict[str, Any]) -> list[str]:
    answer = client.post("/statements", json=list(statements))
    assert answer.status_code == 200, answer.text
    ids: list[str] = answer.json()
    return ids


def get(client: httpx.Client, **parameters: Any) -> list[dict[str, Any]]:
    answer = client.get("/statements", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["statements"]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [statement["id"] for statement in found]


def test_post__answers_the_ids_in_order(client: httpx.Client) -> None:
    statements = [make_statement(), make_statement(id=None), make_statement()]
    answered = post(client, *statements)
    assert answered[0] == statements[0]["id"]
    assert answered[2] == statements[2]["id"]
    assert len(set(answered)) == 3


def test_post__what_is_read_back_has_what_the_lrs_adds(client: httpx.Client, version: str) -> None:
    sent = make_statement(id=None, timestamp=None)
    (statement_id,) = post(client, sent)
    found = client.get("/statements", params={"statementId": statement_id}).json()
    assert {name: found[name] for name in sent} == sent
    assert found["id"] == statement_id
    assert found["version"] == {"1.0.3": "1.0.0", "2.0.0": "2.0.0"}[version]
    assert found["timestamp"] == found["stored"]
    assert found["authority"]["account"]["name"].startswith("key-")


def test_post__the_sent_authority_and_stored_do_not_count(client: httpx.Client) -> None:
    sent = make_statement(authority={"mbox": "mailto:me@evil.example"}, stored="2001-01-01T00:00:00Z")
    (statement_id,) = post(client, sent)
    found = client.get("/statements", params={"statementId": statement_id}).json()
    assert "mbox" not in found["authority"]
    assert not found["stored"].startswith("2001")


def test_post__line_breaks_within_a_statement(client: httpx.Client) -> None:
    statement_id = str(uuid4())
    # On one line but for a break within the verb.
    sent = json.dumps(make_statement(id=statement_id), separators=(",", ":")).replace('"display"', '\n\t"display"')
    answer = client.post("/statements", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    found = client.get("/statements", params={"statementId": statement_id})
    assert {**json.loads(sent), **found.json()} == found.json()


def test_post__one_bad_statement_and_none_is_stored(client: httpx.Client) -> None:
    good, bad = make_statement(), make_statement(result={"score": {"scaled": 2}})
    answer = client.post("/statements", json=[good, bad])
    assert answer.status_code == 400
    assert answer.json()["path"] == "statements[1].result.score.scaled"
    assert get(client) == []


def test_post__the_same_again_is_fine_and_stored_once(client: httpx.Client) -> None:
    statement = make_statement()
    assert post(client, statement) == post(client, statement)
    assert ids(get(client)) == [statement["id"]]


def test_post__another_under_a_known_id_is_a_conflict_and_none_is_stored(client: httpx.Client) -> None:
    first, other = make_statement(), make_statement()
    post(client, first)
    answer = client.post("/statements", json=[other, {**first, "actor": {"mbox": "mailto:bob@school.example"}}])
    assert answer.status_code == 409
    assert answer.json()["error"] == "conflict"
    assert ids(get(client)) == [first["id"]]


def test_put__stores_under_the_id_of_the_query(client: httpx.Client) -> None:
    statement, statement_id = make_statement(id=None), str(uuid4())
    assert client.put("/statements", params={"statementId": statement_id}, json=statement).status_code == 204
    assert client.get("/statements", params={"statementId": statement_id}).json()["id"] == statement_id
    changed = {**statement, "object": {"id": "https://lms.example/other"}}
    assert client.put("/statements", params={"statementId": statement_id}, json=changed).status_code == 409


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ({}, make_statement()),
        ({"statementId": "no-uuid"}, make_statement(id=None)),
        ({"statementId": str(uuid4())}, make_statement()),
        ({"statementId": str(uuid4())}, [make_statement(id=None)]),
        ({"statementId": str(uuid4()), "x": "y"}, make_statement(id=None)),
    ],
)
def test_put__mistakes(client: httpx.Client, parameters: dict[str, str], body: Any) -> None:
    assert client.put("/statements", params=parameters, json=body).status_code == 400


def test_void__hides_its_target_and_shows_itself(client: httpx.Client) -> None:
    statement = make_statement()
    post(client, statement)
    (void_id,) = post(client, make_void(statement["id"], id=None))
    assert client.get("/statements", params={"statementId": statement["id"]}).status_code == 404
    assert client.get("/statements", params={"voidedStatementId": statement["id"]}).json()["id"] == statement["id"]
    assert client.get("/statements", params={"voidedStatementId": void_id}).status_code == 404
    assert ids(get(client)) == [void_id]


def test_void__may_come_before_its_target(client: httpx.Client) -> None:
    statement = make_statement()
    post(client, make_void(statement["id"]))
    post(client, statement)
    assert client.get("/statements", params={"statementId": statement["id"]}).status_code == 404
    assert statement["id"] not in ids(get(client))


def test_void__a_voiding_statement_cannot_be_voided(client: httpx.Client) -> None:
    statement = make_statement()
    void, void_of_void = make_void(statement["id"]), None
    post(client, statement, void)
    (void_of_void,) = post(client, make_void(void["id"], id=None))
    assert client.get("/statements", params={"statementId": void["id"]}).status_code == 200
    assert client.get("/statements", params={"statementId": statement["id"]}).status_code == 404
    assert void_of_void in ids(get(client))


def test_filters__each_finds_its_own(client: httpx.Client) -> None:
    registration = str(uuid4())
    bob = make_statement(actor={"mbox": "mailto:bob@school.example"})
    passed = make_statement(verb={"id": "http://adlnet.gov/expapi/verbs/passed"})
    elsewhere = make_statement(object={"id": "https://lms.example/lessons/2"})
    registered = make_statement(context={"registration": registration})
    post(client, bob, passed, elsewhere, registered)
    assert ids(get(client, agent='{"mbox":"mailto:bob@school.example"}')) == [bob["id"]]
    assert ids(get(client, verb="http://adlnet.gov/expapi/verbs/passed")) == [passed["id"]]
    assert ids(get(client, activity="https://lms.example/lessons/2")) == [elsewhere["id"]]
    assert ids(get(client, registration=registration)) == [registered["id"]]
    assert get(client, registration=registration, activity="https://lms.example/lessons/2") == []
    assert len(get(client, agent=ADA, activity="https://lms.example/lessons/1")) == 2


def test_filters__related_agents_look_everywhere(client: httpx.Client) -> None:
    teacher = {"mbox": "mailto:teacher@school.example"}
    team = {
        "objectType": "Group",
        "mbox": "mailto:team@school.example",
        "member": [{"mbox": "mailto:m@school.example"}],
    }
    taught = make_statement(context={"instructor": teacher, "team": team})
    about = make_statement(object={"objectType": "Agent", **teacher})
    inside = make_statement(
        object={"objectType": "SubStatement", **{name: make_statement()[name] for name in ("verb", "object")},
                "actor": teacher}
    )  # fmt: skip
    post(client, taught, about, inside)
    asked = '{"mbox":"mailto:teacher@school.example"}'
    assert ids(get(client, agent=asked)) == [about["id"]]
    assert set(ids(get(client, agent=asked, related_agents="true"))) == {taught["id"], about["id"], inside["id"]}
    member = '{"mbox":"mailto:m@school.example"}'
    assert ids(get(client, agent=member, related_agents="true")) == [taught["id"]]


def test_filters__related_agents_find_who_vouches(client: httpx.Client) -> None:
    post(client, make_statement())
    (statement,) = get(client)
    authority = f'{{"account":{{"homePage":"{statement["authority"]["account"]["homePage"]}",'
    authority += f'"name":"{statement["authority"]["account"]["name"]}"}}}}'
    assert get(client, agent=authority) == []
    assert ids(get(client, agent=authority, related_agents="true")) == [statement["id"]]


def test_filters__a_member_of_the_acting_group_is_found(client: httpx.Client) -> None:
    group = {
        "objectType": "Group",
        "member": [{"mbox": "mailto:ada@school.example"}, {"mbox": "mailto:b@school.example"}],
    }
    statement = make_statement(actor=group)
    post(client, statement)
    assert ids(get(client, agent=ADA)) == [statement["id"]]


def test_filters__related_activities_look_into_the_context(client: httpx.Client) -> None:
    course = "https://lms.example/courses/1"
    within = make_statement(context={"contextActivities": {"parent": [{"id": course}]}})
    itself = make_statement(object={"id": course})
    post(client, within, itself)
    assert ids(get(client, activity=course)) == [itself["id"]]
    assert set(ids(get(client, activity=course, related_activities="true"))) == {within["id"], itself["id"]}


def test_references__what_refers_to_a_match_matches(client: httpx.Client) -> None:
    """Through several steps, whichever came first, and even when the target is voided."""
    target = make_statement(verb={"id": "http://adlnet.gov/expapi/verbs/passed"})
    near = make_statement(
        actor={"mbox": "mailto:teacher@school.example"}, object={"objectType": "StatementRef", "id": target["id"]}
    )
    far = make_statement(
        actor={"mbox": "mailto:head@school.example"}, object={"objectType": "StatementRef", "id": near["id"]}
    )
    post(client, far)
    post(client, near)
    post(client, target)
    passed = {"verb": "http://adlnet.gov/expapi/verbs/passed"}
    assert set(ids(get(client, **passed))) == {target["id"], near["id"], far["id"]}
    assert set(ids(get(client, agent=ADA, **passed))) == {target["id"], near["id"], far["id"]}
    post(client, make_void(target["id"], actor={"mbox": "mailto:head@school.example"}))
    found = ids(get(client, **passed))
    assert target["id"] not in found
    assert {near["id"], far["id"]} <= set(found)


def test_since_and_until__bound_what_is_stored(client: httpx.Client) -> None:
    first, second = make_statement(), make_statement()
    post(client, first)
    (seen,) = get(client)
    wait_consistent(client, seen["stored"])
    post(client, second)
    assert ids(get(client, since=seen["stored"])) == [second["id"]]
    assert ids(get(client, until=seen["stored"])) == [first["id"]]


def test_order__newest_first_or_ascending(client: httpx.Client) -> None:
    statements = [make_statement() for _ in range(3)]
    for statement in statements:
        post(client, statement)
        (newest,) = get(client, limit=1)
        assert newest["id"] == statement["id"]
        wait_consistent(client, newest["stored"])
    assert ids(get(client)) == [statement["id"] for statement in reversed(statements)]
    assert ids(get(client, ascending="true")) == [statement["id"] for statement in statements]


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_more__pages_through_all_once_while_others_are_written(client: httpx.Client, ascending: str) -> None:
    first = [make_statement() for _ in range(25)]
    post(client, *first)
    wait_consistent(client, get(client, limit=1)[0]["stored"])
    answer = client.get("/statements", params={"limit": 10, "ascending": ascending}).json()
    seen = ids(answer["statements"])
    while answer["more"]:
        post(client, make_statement(id=None))
        answer = client.get(answer["more"].removeprefix("/xAPI")).json()
        seen += ids(answer["statements"])
    assert len(seen) == len(set(seen))
    assert {statement["id"] for statement in first} <= set(seen)


def test_more__belongs_to_one_credential(client: httpx.Client, lrs: Lrs, version: str) -> None:
    post(client, make_statement(), make_statement())
    more = client.get("/statements", params={"limit": 1}).json()["more"].removeprefix("/xAPI")
    with lrs.client(lrs.database.tenant(f"o-{uuid4().hex[:12]}"), version=version) as stranger:
        assert stranger.get(more).status_code == 400
    assert client.get(f"{more[:-4]}AAAA").status_code == 400
    assert client.get(more).status_code == 200


def test_limit__zero_means_the_most_that_is_given(client: httpx.Client) -> None:
    post(client, *[make_statement() for _ in range(3)])
    assert len(get(client, limit=0)) == 3
    assert len(get(client, limit=2)) == 2


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "-1"}, {"limit": "x"}, {"agent": "ada"}, {"agent": "{}"}, {"verb": "passed"}, {"activity": "x y"},
        {"registration": "1"}, {"since": "yesterday"}, {"until": "2026-13-01"}, {"ascending": "1"}, {"format": "xml"},
        {"attachments": "yes"}, {"Verb": "http://x.example"}, {"unknown": "1"}, {"cursor": "x"},
        {"statementId": str(uuid4()), "voidedStatementId": str(uuid4())},
        {"statementId": str(uuid4()), "verb": "http://x.example"},
        {"statementId": "x"}, {"related_agents": "maybe"},
    ],
)  # fmt: skip
def test_get__bad_parameters_are_named(client: httpx.Client, parameters: dict[str, str]) -> None:
    answer = client.get("/statements", params=parameters)
    assert answer.status_code == 400
    assert any(name in answer.json()["message"] for name in [*parameters, "more"])


def test_get__unknown_statement(client: httpx.Client) -> None:
    assert client.get("/statements", params={"statementId": str(uuid4())}).status_code == 404


def test_format__ids_and_canonical(client: httpx.Client) -> None:
    names = {"en": "Lesson", "de": "Lektion"}
    statement = make_statement(object={"id": "https://lms.example/lessons/1", "definition": {"name": names}})
    post(client, statement)
    (plain,) = get(client, format="ids")
    assert plain["object"] == {"id": "https://lms.example/lessons/1"}
    assert "name" not in plain["actor"]
    answer = client.get("/statements", params={"format": "canonical"}, headers={"Accept-Language": "de, en;q=0.5"})
    assert answer.json()["statements"][0]["object"]["definition"]["name"] == {"de": "Lektion"}
    (exact,) = get(client)
    assert exact["object"] == statement["object"]


def test_head__as_get_without_a_body(client: httpx.Client) -> None:
    post(client, make_statement())
    head, whole = client.head("/statements"), client.get("/statements")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    assert "X-Experience-API-Consistent-Through" in head.headers


def test_headers__of_every_answer(client: httpx.Client, version: str) -> None:
    post(client, make_statement())
    for answer in (client.get("/statements"), client.get("/statements", params={"limit": "x"})):
        assert answer.headers["X-Experience-API-Version"] == version
        assert answer.headers["X-Request-ID"]
    assert "Last-Modified" in client.get("/statements").headers


@pytest.mark.parametrize("header", [None, "0.9", "3.0", "1.1", "x"])
def test_version__missing_or_unknown(client: httpx.Client, header: str | None) -> None:
    del client.headers["X-Experience-API-Version"]
    headers = {"X-Experience-API-Version": header} if header else {}
    assert client.get("/statements", headers=headers).status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", ""])
def test_post__other_content_types(client: httpx.Client, content_type: str) -> None:
    assert client.post("/statements", content=b"{}", headers={"Content-Type": content_type}).status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[", b"null", b"1", b'"x"', b"[1]", b'{"a":1,"a":2}', b"\xff\xfe", b"[]x"]
)
def test_post__bodies_that_are_no_statements(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/statements", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_statement"


def test_post__an_empty_array_is_nothing(client: httpx.Client) -> None:
    answer = client.post("/statements", json=[])
    assert (answer.status_code, answer.json()) == (200, [])


def test_delete__is_not_a_method_here(client: httpx.Client) -> None:
    answer = client.delete("/statements")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_path__in_small_letters_as_well(client: httpx.Client) -> None:
    url = str(client.base_url).replace("/xAPI", "/xapi")
    assert client.get(f"{url}statements").status_code == 200


def test_path__with_a_slash_at_its_end(client: httpx.Client) -> None:
    """As older Storyline courses have it; answered at once, since browsers follow no redirect of a preflight."""
    statement = make_statement()
    assert client.put("/statements/", params={"statementId": statement["id"]}, json=statement).status_code == 204
    assert ids(get(client)) == [statement["id"]]
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
    assert client.options("/activities/state/", headers=headers).status_code == 204


@pytest.mark.parametrize("name", ["limit", "format", "ascending", "\x07odd\n" + "x" * 300])
def test_get__what_a_message_shows_is_short_and_harmless(client: httpx.Client, name: str) -> None:
    refused = client.get("/statements", params={name: "\x1b[2J\n" * 100})
    assert refused.status_code == 400
    message = refused.json()["message"]
    assert message.isprintable()
    assert len(message) < 300
