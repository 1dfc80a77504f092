"""Documents of every resource with odd ids and contents: kept as they came, or refused."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from hypothesis import strategies as st

from tests.conformance.resources import ACTIVITY_PROFILE, AGENT_PROFILE, STATE
from tests.harness.lrs import V1
from tests.harness.oddities import RAW_VALUES, TEXTS, TREES, as_json, damaged, encodings
from tests.harness.raw_http import Answer, Request
from tests.integration.lrs.requests.conftest import LONG, ForAll, School

pytestmark = LONG

CONTENT_TYPES = [
    "application/json", "application/json; charset=utf-16", "APPLICATION/JSON ; x=y", "text/plain", "", "/", "é",
    "application/jsonx", "multipart/mixed; boundary=x", "text/html",
]  # fmt: skip
JSON = "application/json"
ADA = json.dumps({"mbox": "mailto:ada@school.example"})
LESSON = "https://lms.example/lessons/1"
PLACES = {
    STATE: {"agent": ADA, "activityId": LESSON},
    AGENT_PROFILE: {"agent": ADA},
    ACTIVITY_PROFILE: {"activityId": LESSON},
}


@pytest.fixture(params=PLACES)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass(frozen=True)
class Document:
    """At a place that all share, under an id of its own."""

    school: School
    path: str
    document_id: str = field(default_factory=lambda: str(uuid4()))

    def knock(self, method: str, content: bytes = b"", content_type: str | None = None) -> Answer:
        headers = [*self.school.headers(V1)]
        if content_type is not None:
            headers.append((b"Content-Type", content_type.encode("latin-1")))
        if method == "PUT":
            headers.append((b"If-None-Match", b"*"))
        return self.school.knock(Request(method, self.target, headers, content))

    @property
    def target(self) -> bytes:
        place = {**PLACES[self.path], "stateId" if self.path == STATE else "profileId": self.document_id}
        pairs = [f"{name}={quote_plus(value.encode('utf-8', 'surrogatepass'))}" for name, value in place.items()]
        return f"/xAPI{self.path}?{'&'.join(pairs)}".encode()

    @property
    def has_good_id(self) -> bool:
        return 0 < len(self.document_id) <= 2048 and not re.search("[\0\ud800-\udfff]", self.document_id)


def test_id__any_text(school: School, for_all: ForAll, path: str) -> None:
    def check(text: str, prefix: bool) -> None:
        document = Document(school, path, f"{uuid4()}{text}" if prefix else text)
        stored = document.knock("PUT", b"7")
        assert stored.status == (204 if document.has_good_id else 400)
        if document.has_good_id:
            assert document.knock("GET").body == b"7"
            assert document.knock("DELETE").status == 204
        assert document.knock("GET").status == (404 if document.has_good_id else 400)

    for_all(check, TEXTS, st.booleans())


def test_content__any_bytes_of_any_type(school: School, for_all: ForAll, path: str) -> None:
    contents = st.one_of(
        st.binary(max_size=60), TREES.map(as_json).map(str.encode), RAW_VALUES.map(str.encode), encodings('{"é":"🙂"}'),
        damaged(b'{"page": 7, "marks": [1, 2.50, "\\ud83d\\ude00"]}'),
    )  # fmt: skip

    def check(content: bytes, content_type: str) -> None:
        document = Document(school, path)
        stored = document.knock("PUT", content, content_type)
        if stored.status == 400:
            assert content_type.lower().startswith(JSON)
            assert stored.json["error"] == "invalid_document"
            assert document.knock("GET").status == 404
            return
        assert stored.status == 204
        read = document.knock("GET")
        assert read.body == content
        assert read.headers["Content-Type"] == (content_type or "application/octet-stream")

    for_all(check, contents, st.sampled_from(CONTENT_TYPES))


def test_merge__as_python_merges(school: School, for_all: ForAll, path: str) -> None:
    objects = st.dictionaries(TEXTS, TREES, max_size=4)

    def check(first: dict[str, Any], second: dict[str, Any]) -> None:
        document = Document(school, path)
        statuses = [document.knock("POST", as_json(each).encode(), JSON).status for each in (first, second)]
        accepted = [each for each, status in zip((first, second), statuses, strict=True) if status == 204]
        if not accepted:
            assert document.knock("GET").status == 404
            return
        read = document.knock("GET")
        assert read.status == 200
        expected: dict[str, Any] = {}
        for each in accepted:
            expected |= json.loads(as_json(each))
        assert json.loads(read.body) == expected

    for_all(check, objects, objects)


def test_merge__what_cannot_be_merged_changes_nothing(school: School, for_all: ForAll, path: str) -> None:
    def check(content: bytes, content_type: str) -> None:
        document = Document(school, path)
        document.knock("PUT", b'{"page":7}', JSON)
        answer = document.knock("POST", content, content_type)
        if answer.status != 204:
            assert answer.status == 400
            assert document.knock("GET").body == b'{"page":7}'

    for_all(check, RAW_VALUES.map(str.encode) | st.binary(max_size=20), st.sampled_from(CONTENT_TYPES))
