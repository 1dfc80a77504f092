"""Headers of every resource and method: odd, repeated, missing, and methods that there are none of."""

import base64
import gzip
import json
import zlib
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from hypothesis import strategies as st

from tests.harness.lrs import V1, V2
from tests.harness.oddities import HEADER_VALUES, as_json
from tests.harness.raw_http import Answer, Request
from tests.harness.statements import make_statement
from tests.integration.lrs.requests.conftest import JSON, LONG, ForAll, School

pytestmark = LONG

ADA = json.dumps({"mbox": "mailto:ada@school.example"})
LESSON = "https://lms.example/lessons/1"
STATE = {"activityId": LESSON, "agent": ADA, "stateId": "bookmark"}
ASKED: list[tuple[str, str, dict[str, str]]] = [
    *((method, "/statements", {}) for method in ("GET", "HEAD", "POST", "OPTIONS")),
    ("GET", "/statements", {"format": "canonical", "attachments": "true"}),
    *((method, "/activities/state", STATE) for method in ("GET", "PUT", "POST", "DELETE")),
    *((method, "/agents/profile", {"agent": ADA, "profileId": "p"}) for method in ("GET", "PUT", "POST", "DELETE")),
    *((method, "/activities/profile", {"activityId": LESSON, "profileId": "p"}) for method in ("GET", "PUT", "POST")),
    ("GET", "/agents", {"agent": ADA}),
    ("GET", "/activities", {"activityId": LESSON}),
    ("GET", "/about", {}),
    ("OPTIONS", "/activities/state", {}),
]
CODED = [b"gzip", b"x-gzip", b"deflate", b"br", b"zstd", b"identity", b"gzip, gzip", b"GZIP", b"compress", b""]
TYPES = [
    b"application/json; charset=utf-16", b"application/json;", b"application/json;;;=;", b"APPLICATION/JSON",
    b"text/plain",
    b"application/json, text/plain", b"multipart/mixed", b"multipart/mixed; boundary=", b"multipart/mixed; boundary=x",
    b'multipart/mixed; boundary="', b"multipart/mixed; boundary*=utf-99''x", b"multipart/form-data; boundary=x", b"/",
    b"*/*",
    b"application/json; charset=\xff", b"\xff\xfe", b"",
]  # fmt: skip
KNOWN: dict[bytes, list[bytes]] = {
    b"Content-Type": TYPES,
    b"Content-Encoding": CODED,
    b"Content-Language": [b"de", b"\xe4"],
    b"Accept": [b"text/html", b"multipart/mixed", b"*/*;q=0", b""],
    b"Accept-Encoding": [*CODED, b"gzip;q=0", b"*", b"gzip;q=nonsense"],
    b"Accept-Language": [b"*", b"de-DE, de;q=0.8, en;q=9", b"en;q=", b"-", b"de;q=0, *;q=0", b"," * 500, b"en," * 500],
    b"If-Match": [b"*", b'"x"', b'W/"x"', b"x", b'""', b"", b'"x", "y', b",,,", b"\xff"],
    b"If-None-Match": [b"*", b'"x"', b'W/"x"', b"", b'"x", *'],
    b"If-Modified-Since": [b"yesterday", b"Thu, 01 Jan 1970 00:00:00 GMT"],
    b"Range": [b"bytes=0-1", b"bytes=5-1", b"x"],
    b"X-Experience-API-Version": [b"1.0", b"1.0.99", b"2.0.0", b"2.", b"1", b"3.0.0", b"1.0.3, 2.0.0", b"", b"\xff"],
    b"X-Experience-API-Hash": [b"0" * 64, b"x"],
    b"X-Tenant-ID": [b"school", b"SCHOOL ", b"another", b"", b"\xff", b"6690e6c9-3ef0-4ed3-8b37-7f3964730bee"],
    b"X-Request-ID": [b"a", b"a" * 5000, b"\xff\xfe", b"{}", b""],
    b"X-Forwarded-For": [b"1.2.3.4", b"\xff"],
    b"Origin": [b"https://lms.example", b"null", b"", b"\xff", b"x" * 1000],
    b"Access-Control-Request-Method": [b"PUT", b"", b"\xff"],
    b"Access-Control-Request-Headers": [b"authorization", b"\xff", b"a," * 500],
    b"Host": [b"school.127.0.0.1", b"[::1]:80", b":", b"", b"a" * 1000, b"\xff", b"another.lrs.example"],
    b"Expect": [b"100-continue", b"200-ok"],
    b"Connection": [b"close", b"keep-alive", b"Upgrade", b"te, trailers"],
    b"Upgrade": [b"h2c", b"websocket", b"x"],
    b"TE": [b"trailers"],
    b"Date": [b"yesterday"],
}  # fmt: skip
HEADERS = st.sampled_from(sorted(KNOWN)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(KNOWN[name]) | HEADER_VALUES)
)


def request(school: School, asked: tuple[str, str, dict[str, str]], headers: list[tuple[bytes, bytes]]) -> Request:
    method, path, parameters = asked
    given = {name.lower() for name, _ in headers}
    usual = [*school.headers(), *([JSON] if method in ("PUT", "POST") else [])]
    body = as_json(make_statement() if path == "/statements" else {"page": 7}) if JSON in usual else ""
    sent = [(name, value) for name, value in usual if name.lower() not in given] + headers
    return Request(method, f"/xAPI{path}?{urlencode(parameters)}".encode(), sent, body.encode())


def test_headers__odd_ones(school: School, for_all: ForAll) -> None:
    def check(asked: tuple[str, str, dict[str, str]], headers: list[tuple[bytes, bytes]]) -> None:
        answer = school.knock(request(school, asked, headers))
        assert answer.headers["X-Experience-API-Version"] in (V1, V2)
        assert answer.headers["X-Request-ID"]

    for_all(check, st.sampled_from(ASKED), st.lists(HEADERS, min_size=1, max_size=4))


def test_headers__any_at_all(school: School, for_all: ForAll) -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
    names = st.text(letters, min_size=1, max_size=20).map(str.encode)
    framing = {b"content-length", b"transfer-encoding", b"authorization", b"host"}

    def check(asked: tuple[str, str, dict[str, str]], headers: list[tuple[bytes, bytes]]) -> None:
        school.knock(request(school, asked, [each for each in headers if each[0].lower() not in framing]))

    for_all(check, st.sampled_from(ASKED), st.lists(st.tuples(names, HEADER_VALUES), max_size=8))


def test_authorization__any_key_and_secret(school: School, for_all: ForAll) -> None:
    """Of a key of its own each, since the same again and again is slowed down."""

    def check(asked: tuple[str, str, dict[str, str]], secret: str) -> None:
        encoded = base64.b64encode(f"{uuid4().hex}:{secret}".encode())
        answer = school.knock(request(school, asked, [(b"Authorization", b"Basic " + encoded)]))
        is_open = asked[1] == "/about" or asked[0] == "OPTIONS"
        assert answer.status == 401 or (is_open and answer.status < 300)

    for_all(check, st.sampled_from(ASKED), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))


# More of them in a row would be slowed down.
@pytest.mark.parametrize("value", [b"\xff", b"Basic \xff", b"Basic " + b"A" * 9999])
def test_authorization__malformed(school: School, value: bytes) -> None:
    assert school.knock(request(school, ASKED[0], [(b"Authorization", value)])).status == 401


def packed(school: School, body: bytes) -> Answer:
    return school.post(body, JSON, (b"Content-Encoding", b"gzip"))


def test_gzip__damaged(school: School, for_all: ForAll) -> None:
    def check(position: int, bit: int, cut: int) -> None:
        statement = make_statement()
        body = bytearray(gzip.compress(as_json(statement).encode()))
        body[position % len(body)] ^= 1 << bit
        answer = packed(school, bytes(body[: len(body) - cut]))
        # A bit of the head, such as the time in it, may be another, and nothing is lost.
        assert answer.status == (200 if school.stored([statement["id"]]) else 400)

    for_all(check, st.integers(0, 1000), st.integers(0, 7), st.sampled_from([0, 0, 1, 8, 50]))


@pytest.mark.parametrize("level", [1, 9])
def test_gzip__bombs(school: School, level: int) -> None:
    for content in (b" " * (64 << 20), as_json([make_statement()]).encode() + b" " * (2 << 20), b"[" * (8 << 20)):
        assert packed(school, gzip.compress(content, level)).status == 413
    twice = gzip.compress(gzip.compress(b" " * (64 << 20)))
    assert packed(school, twice).status == 400


def test_gzip__other_containers(school: School) -> None:
    body = as_json(make_statement()).encode()
    for content in (zlib.compress(body), gzip.compress(body) + b"x", gzip.compress(body) * 2, b"", body):
        assert packed(school, content).status == 400


METHODS = ["PATCH", "TRACE", "LINK", "PROPFIND", "QUERY", "DELETE", "PUT", "POST", "GET", "HEAD", "OPTIONS", "SEARCH"]


@pytest.mark.parametrize("method", METHODS)
def test_method__known_or_named_as_not_allowed(school: School, method: str) -> None:
    for _, path, parameters in ASKED:
        answer = school.knock(request(school, (method, path, parameters), []))
        if answer.status == 405:
            assert method not in answer.headers["Allow"].split(", ")
            assert answer.headers["Allow"]
