"""Parameters of every resource and method, odd in every way that a query can be."""

import json
from urllib.parse import quote, quote_plus, urlencode
from uuid import uuid4

import pytest
from hypothesis import strategies as st

from tests.harness.lrs import V1, V2
from tests.harness.oddities import RAW_VALUES, TEXTS, TREES, as_json
from tests.harness.raw_http import Request
from tests.harness.statements import VERB, make_statement
from tests.integration.lrs.requests.conftest import JSON, LONG, ForAll, School

pytestmark = LONG

ADA = json.dumps({"mbox": "mailto:ada@school.example"})
LESSON = "https://lms.example/lessons/1"
NOW = "2026-06-01T10:00:00Z"
PLACE = {"activityId": LESSON, "agent": ADA, "registration": str(uuid4())}
# Each method of each resource with all parameters that go together.
RESOURCES: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/statements", {
        "agent": ADA, "verb": VERB, "activity": LESSON, "registration": str(uuid4()), "related_activities": "true",
        "related_agents": "true", "since": NOW, "until": NOW, "limit": "3", "format": "canonical",
        "attachments": "true", "ascending": "true",
    }),
    ("GET", "/statements", {"statementId": str(uuid4()), "format": "ids", "attachments": "false"}),
    ("GET", "/statements", {"voidedStatementId": str(uuid4())}),
    ("PUT", "/statements", {"statementId": str(uuid4())}),
    ("POST", "/statements", {}),
    ("GET", "/activities/state", {**PLACE, "stateId": "bookmark"}),
    ("GET", "/activities/state", {**PLACE, "since": NOW}),
    *((method, "/activities/state", {**PLACE, "stateId": "bookmark"}) for method in ("PUT", "POST", "DELETE")),
    *((method, "/agents/profile", {"agent": ADA, "profileId": "p"}) for method in ("GET", "PUT", "POST", "DELETE")),
    ("GET", "/agents/profile", {"agent": ADA, "since": NOW}),
    *(
        (method, "/activities/profile", {"activityId": LESSON, "profileId": "p"})
        for method in ("GET", "PUT", "POST", "DELETE")
    ),
    ("GET", "/activities/profile", {"activityId": LESSON, "since": NOW}),
    ("GET", "/agents", {"agent": ADA}),
    ("GET", "/activities", {"activityId": LESSON}),
    ("GET", "/about", {}),
]  # fmt: skip
NAMES = sorted(
    {name for _, _, parameters in RESOURCES for name in parameters} | {"cursor", "method", "Limit", "cachebuster"}
)
AGENTS = st.sampled_from([
    {"mbox": "mailto:ada@school.example", "objectType": "Group"}, {"objectType": "Group", "member": []}, {},
    {"mbox": 1},
    {"mbox": "mailto:a@b.example", "openid": "https://a.example"}, {"account": {"homePage": "https://a.example"}},
    {"account": {"homePage": "x", "name": "y"}}, {"mbox_sha1sum": "0" * 39}, {"objectType": "Activity", "id": LESSON},
    {"objectType": "Group", "openid": "https://a.example", "member": [{"mbox": "mailto:a@b.example"}] * 1000},
]).map(as_json)  # fmt: skip
TIMES = st.sampled_from([
    "2026", "2026-06-01", "2026-06-01T10:00:00", "2026-06-01T10:00:00+14:00", "0001-01-01T00:00:00+15:59", NOW + "Z",
    "9999-12-31T23:59:60Z", "0000-00-00T00:00:00Z", "now", "-1", "1e9", "2026-02-30T00:00:00Z",
    "\uff12026-06-01T10:00:00Z",
])  # fmt: skip
LIMITS = st.sampled_from(
    ["-1", "0", "00", "+1", "1.0", "1e2", "٣", "²", "9" * 9, "9" * 10, "9" * 5000, "0x10", " 1", "1_0"]
)
GOOD = st.sampled_from([
    "true", "false", "0", "1", "3", "exact", "ids", "canonical", NOW, "2016-12-31T23:59:60Z",
    "2026-06-01T10:00:00+15:59", ADA, '{"objectType":"Group","openid":"https://a.example"}', LESSON, VERB, "urn:x:y",
    "p", str(uuid4()), "é 🙂",
])  # fmt: skip
ODD = st.one_of(TEXTS, TREES.map(as_json), RAW_VALUES, AGENTS, TIMES, LIMITS, st.uuids().map(str))


def encoded(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def knock(school: School, resource: tuple[str, str, dict[str, str]], query: str, version: str) -> int:
    method, path, _ = resource
    body = as_json(make_statement()) if path == "/statements" and method != "GET" else "{}"
    headers = [*school.headers(version), JSON]
    target = f"/xAPI{path}?{query}".encode("latin-1", "ignore")
    return school.knock(Request(method, target, headers, b"" if method == "GET" else body.encode())).status


def test_parameter__replaced_or_added(school: School, for_all: ForAll) -> None:
    def check(resource: tuple[str, str, dict[str, str]], version: str, data: st.DataObject) -> None:
        parameters = dict(resource[2])
        for _ in range(data.draw(st.integers(1, 2))):
            name = data.draw(st.sampled_from([*resource[2], *NAMES]))
            parameters[name] = data.draw(GOOD | ODD)
        query = "&".join(f"{name}={encoded(value)}" for name, value in parameters.items())
        knock(school, resource, query, version)

    for_all(check, st.sampled_from(RESOURCES), st.sampled_from([V1, V2]), st.data())


def test_parameter__left_out_or_repeated(school: School, for_all: ForAll) -> None:
    def check(resource: tuple[str, str, dict[str, str]], version: str, data: st.DataObject) -> None:
        pairs = list(resource[2].items())
        chosen = data.draw(st.lists(st.sampled_from(pairs or [("limit", "1")]), max_size=len(pairs) + 2))
        status = knock(school, resource, urlencode(chosen), version)
        repeated = len({name for name, _ in chosen}) < len(chosen)
        assert status == 400 or not repeated

    for_all(check, st.sampled_from(RESOURCES), st.sampled_from([V1, V2]), st.data())


def test_query__any_characters(school: School, for_all: ForAll) -> None:
    pieces = st.one_of(
        st.sampled_from([*"&=%+;?#/é", "%ff", "%00", "%ed%a0%80", "limit", "agent", "&&", "%C3%A9"]),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=5),
    )  # fmt: skip

    def check(resource: tuple[str, str, dict[str, str]], parts: list[str], keeps: bool) -> None:
        query = urlencode(resource[2]) if keeps else ""
        target = f"/xAPI{resource[1]}?{query}{''.join(parts)}"
        try_target(school, resource[0], target)

    for_all(check, st.sampled_from(RESOURCES), st.lists(pieces, max_size=8), st.booleans())


def test_path__any_characters(school: School, for_all: ForAll) -> None:
    pieces = st.sampled_from(
        ["/", "//", ".", "..", "statements", "xapi", "xAPI", "%2f", "%", "%00", "é", "\\", "*", "agents", "about"]
    )

    def check(method: str, parts: list[str]) -> None:
        try_target(school, method, "/" + "".join(parts))

    for_all(check, st.sampled_from(["GET", "POST", "HEAD"]), st.lists(pieces, max_size=6))


def try_target(school: School, method: str, target: str) -> None:
    """What is no address at all is refused by the server itself, before the LRS sees it: in a plain sentence."""
    request = Request(method, target.encode("latin-1"), [*school.headers(), JSON], b"" if method == "GET" else b"{}")
    school.try_knock(request)


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_cursor__changed_in_any_way(school: School, for_all: ForAll, ascending: str) -> None:
    school.post(as_json([make_statement() for _ in range(3)]).encode())
    page = school.get("/statements", limit="1", ascending=ascending).json
    token = page["more"].partition("cursor=")[2]
    assert school.get("/statements", cursor=token).status == 200
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    def check(position: int, digit: str, cut: int) -> None:
        changed = (token[:position] + digit + token[position + 1 :])[: len(token) - cut]
        same = changed.translate(str.maketrans("+/", "-_")) == token
        assert school.get("/statements", cursor=changed).status == (200 if same else 400)

    # In the last digit some bits count for nothing.
    for_all(check, st.integers(0, len(token) - 2), st.sampled_from([*digits, *"=é+/ "]), st.integers(0, 5))


def test_cursor__made_up(school: School, for_all: ForAll) -> None:
    def check(cursor: str) -> None:
        target = f"/xAPI/statements?cursor={quote(cursor.encode('utf-8', 'surrogatepass'))}".encode()
        assert school.knock(Request("GET", target, school.headers())).status == 400

    for_all(check, ODD)
