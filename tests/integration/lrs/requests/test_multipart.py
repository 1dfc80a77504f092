"""Statements with attachments in multipart/mixed, wrong in every way: all of a request is stored, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.harness.attachments import Part, data_part, describe, join, statements_part
from tests.harness.oddities import HEADER_VALUES, TEXTS, damaged
from tests.harness.raw_http import Answer
from tests.harness.statements import make_statement
from tests.integration.lrs.requests.conftest import LONG, ForAll, School

pytestmark = LONG

BOUNDARY = "x-the-boundary"
DATA = [b"What I did on my holidays.", b"\r\n--x-the-boundar\r\n--\r\n\r\n" + bytes(range(256)), b""]


@dataclass(frozen=True)
class Sent:
    statements: list[dict[str, Any]]
    parts: list[Part]

    @property
    def ids(self) -> list[str]:
        return [statement["id"] for statement in self.statements]

    @property
    def body(self) -> bytes:
        return join(self.parts, BOUNDARY)


def make() -> Sent:
    """Three statements: one without, one with one, one with all of the data."""
    statements = [
        make_statement(),
        make_statement(attachments=[describe(DATA[0])]),
        make_statement(attachments=[describe(data) for data in DATA]),
    ]
    return Sent(statements, [statements_part(statements), *map(data_part, DATA)])


def post(school: School, body: bytes, content_type: bytes = b"multipart/mixed; boundary=x-the-boundary") -> Answer:
    return school.post(body, (b"Content-Type", content_type))


def check_whole_or_nothing(school: School, answer: Answer, ids: Sequence[str]) -> None:
    if answer.status == 200:
        assert answer.json == ids
        assert school.stored(ids) == len(ids)
        read = school.get("/statements", limit="3", attachments="true")
        assert all(data in read.body for data in DATA)
    else:
        assert answer.status in (400, 413), answer.body
        assert school.stored(ids) == 0


def test_whole__is_taken(school: School) -> None:
    sent = make()
    answer = post(school, sent.body)
    assert answer.status == 200
    check_whole_or_nothing(school, answer, sent.ids)


def test_body__cut_off_anywhere(school: School, for_all: ForAll) -> None:
    whole = len(make().body)

    def check(length: int) -> None:
        sent = make()
        answer = post(school, sent.body[:length])
        # Only the line end after the last boundary may be missing.
        assert (answer.status == 200) == (length in (whole - 2, whole))
        check_whole_or_nothing(school, answer, sent.ids)

    for_all(check, st.integers(0, whole))


def test_body__damaged(school: School, for_all: ForAll) -> None:
    def check(data: st.DataObject) -> None:
        sent = make()
        answer = post(school, data.draw(damaged(sent.body)))
        if answer.status == 200:
            # In an id, or in what stands before the first boundary and after the last.
            assert school.stored(answer.json) == len(answer.json) == len(sent.ids)
        else:
            assert answer.status == 400
            assert school.stored(sent.ids) == 0

    for_all(check, st.data())


def test_body__other_line_ends(school: School) -> None:
    for end in (b"\n", b"\r", b"\n\r", b"\r\r\n", b""):
        sent = make()
        answer = post(school, sent.body.replace(b"\r\n", end))
        assert answer.status == 400
        assert school.stored(sent.ids) == 0


def test_parts__in_any_order_missing_or_twice(school: School, for_all: ForAll) -> None:
    def check(chosen: list[int]) -> None:
        sent = make()
        answer = post(school, join([sent.parts[index] for index in chosen], BOUNDARY))
        assert (answer.status == 200) == (chosen[:1] == [0] and 0 not in chosen[1:] and set(chosen) == {0, 1, 2, 3})
        check_whole_or_nothing(school, answer, sent.ids)

    for_all(check, st.permutations(range(4)) | st.lists(st.integers(0, 3), max_size=6))


def test_parts__nested(school: School) -> None:
    for inner in (BOUNDARY, "y"):
        sent = make()
        nested = ({"Content-Type": f"multipart/mixed; boundary={inner}"}, join(sent.parts, inner))
        for parts in ([nested], [sent.parts[0], nested], [*sent.parts, nested]):
            answer = post(school, join(parts, BOUNDARY))
            assert answer.status == 400
            assert school.stored(sent.ids) == 0


def test_part__odd_headers(school: School, for_all: ForAll) -> None:
    names = st.sampled_from([
        "Content-Type", "Content-Transfer-Encoding", "X-Experience-API-Hash", "Content-Length", "Content-Disposition",
        "content-type", "X-Other", "", " ", "No colon\r\nX", "Content-Encoding",
    ])  # fmt: skip
    values = st.one_of(
        HEADER_VALUES.map(lambda value: value.decode("latin-1")),
        st.sampled_from(
            ["text/plain; charset=x", "application/json", "base64", "BINARY", "26", "-1", "9" * 99, "é", "a" * 9000]
        ),
    )

    def check(index: int, name: str, value: str) -> None:
        sent = make()
        headers, content = sent.parts[index]
        sent.parts[index] = ({**headers, name: value}, content)
        body = b"".join(_encoded(part) for part in sent.parts) + f"--{BOUNDARY}--\r\n".encode()
        check_whole_or_nothing(school, post(school, body), sent.ids)

    for_all(check, st.integers(0, 3), names, values)


def _encoded(part: Part) -> bytes:
    """Headers in latin-1, as they come."""
    headers, content = part
    lines = [f"--{BOUNDARY}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + content + b"\r\n"


def test_boundary__said_in_any_way(school: School, for_all: ForAll) -> None:
    said = st.one_of(
        TEXTS.map(lambda text: text.encode("utf-8", "ignore")),
        HEADER_VALUES,
        st.sampled_from([
            b"x-the-boundary", b'"x-the-boundary"', b'"x-the-boundary', b"x-the-boundary; boundary=y", b"y", b"", b'""',
            b" x-the-boundary ", b"x-the-boundar", b"x" * 70, b"x" * 71, b"x-the-boundary--", b"'x-the-boundary'",
        ]),
    )  # fmt: skip

    def check(value: bytes) -> None:
        sent = make()
        clean = bytes(byte for byte in value if byte == 9 or 32 <= byte != 127)
        answer = post(school, sent.body, b"multipart/mixed; boundary=" + clean)
        check_whole_or_nothing(school, answer, sent.ids)

    for_all(check, said)


@pytest.mark.parametrize(
    "data", [b"--x-the-boundary", b"\r\n --x-the-boundary\r\n", b"\n--x-the-boundary--\n", b"--x-the-boundaryx\r\n"]
)
def test_data__with_what_looks_like_the_boundary(school: School, data: bytes) -> None:
    content = b"before" + data + b"after"
    statement = make_statement(attachments=[describe(content)])
    answer = post(school, join([statements_part(statement), data_part(content)], BOUNDARY))
    assert answer.json == [statement["id"]]
    assert content in school.get("/statements", statementId=statement["id"], attachments="true").body


def test_parts__more_than_are_taken(school: School) -> None:
    statement = make_statement()
    parts = [statements_part(statement), *[data_part(b"")] * 1000]
    assert post(school, join(parts, BOUNDARY)).status == 413
    assert school.stored([statement["id"]]) == 0
