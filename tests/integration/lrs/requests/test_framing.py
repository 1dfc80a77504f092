"""HTTP itself: lengths that lie, pieces, upgrades, what is no HTTP at all. Nothing of half a request is stored, and the
next one is answered as if nothing had been."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import strategies as st

from tests.harness.oddities import as_json
from tests.harness.raw_http import Answer, Request, exchange
from tests.harness.statements import make_statement
from tests.integration.lrs.requests.conftest import JSON, LONG, ForAll, School, assert_readable

pytestmark = LONG

CLOSE = (b"Connection", b"close")


@pytest.fixture(autouse=True)
def _lives_on(school: School) -> Iterator[None]:
    yield
    assert school.post(as_json(make_statement()).encode()).status == 200


def statement_and_request(school: School, *headers: tuple[bytes, bytes]) -> tuple[str, Request]:
    statement = make_statement()
    sent = [*school.headers(), JSON, *headers]
    return statement["id"], Request("POST", b"/xAPI/statements", sent, as_json(statement).encode())


def chunked(body: bytes, *sizes: int) -> bytes:
    pieces, start = [], 0
    for size in (*sizes, len(body)):
        piece = body[start : start + size]
        start += size
        if piece:
            pieces.append(b"%x\r\n%s\r\n" % (len(piece), piece))
    return b"".join([*pieces, b"0\r\n\r\n"])


def send(school: School, sent: bytes, *, ends: bool = False) -> Answer | None:
    answer = exchange(school.lrs.url, sent, method="POST", ends=ends)
    if answer is not None:
        school.statuses[answer.status] += 1
        assert answer.status < 500, answer.body
        if answer.status >= 400:
            assert_readable(answer)
    return answer


def test_chunked__in_any_pieces(school: School, for_all: ForAll) -> None:
    def check(sizes: list[int]) -> None:
        statement_id, request = statement_and_request(school, (b"Transfer-Encoding", b"chunked"))
        sent = Request("POST", request.target, request.headers, chunked(request.body, *sizes))
        assert school.knock(sent).json == [statement_id]

    for_all(check, st.lists(st.integers(1, 400), max_size=8))


def test_chunked__damaged(school: School, for_all: ForAll) -> None:
    def check(position: int, piece: bytes) -> None:
        statement_id, request = statement_and_request(school, (b"Transfer-Encoding", b"chunked"), CLOSE)
        body = chunked(request.body, 5, 100)
        at = position % len(body)
        sent = Request("POST", request.target, request.headers, body[:at] + piece + body[at:])
        answer = send(school, sent.encode(), ends=True)
        stored = school.stored([statement_id])
        assert stored == (answer is not None and answer.status == 200 and answer.json == [statement_id])

    for_all(
        check,
        st.integers(0, 10_000),
        st.sampled_from([b"\r\n", b"0\r\n\r\n", b"\n", b"-", b"fffffffffffffffff\r\n", b"x"]),
    )


@pytest.mark.parametrize("ends", [True, False])
def test_length__too_small(school: School, for_all: ForAll, ends: bool) -> None:
    """What is left over is another request, and none that the server knows."""

    def check(missing: int) -> None:
        statement_id, request = statement_and_request(school)
        length = (b"Content-Length", str(len(request.body) - missing).encode())
        answer = send(
            school, Request("POST", request.target, [*request.headers, length], request.body).encode(), ends=ends
        )
        assert answer is not None
        assert answer.status == 400
        assert school.stored([statement_id]) == 0

    for_all(check, st.integers(1, 200))


def test_length__too_large_and_then_gone(school: School, for_all: ForAll) -> None:
    def check(more: int, cut: int) -> None:
        statement_id, request = statement_and_request(school)
        length = (b"Content-Length", str(len(request.body) + more).encode())
        sent = Request("POST", request.target, [*request.headers, length], request.body).encode()
        assert send(school, sent[: len(sent) - cut], ends=True) is None
        assert school.stored([statement_id]) == 0

    for_all(check, st.integers(1, 10_000), st.integers(0, 300))


@pytest.mark.parametrize(
    "headers",
    [
        [(b"Content-Length", b"-1")], [(b"Content-Length", b"+5")], [(b"Content-Length", b"5 5")],
        [(b"Content-Length", b"5, 5")], [(b"Content-Length", b"0x5")],
        [(b"Content-Length", b"5"), (b"Content-Length", b"6")],
        [(b"Content-Length", b"9" * 30)], [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")],
        [(b"Transfer-Encoding", b"chunked, gzip")], [(b"Transfer-Encoding", b"chunked, chunked")],
        [(b"Transfer-Encoding", b"identity")], [(b"Transfer-Encoding", b"xchunked")], [(b"Transfer-Encoding", b"")],
    ],
)  # fmt: skip
def test_length__two_ways_to_read_it(school: School, headers: list[tuple[bytes, bytes]]) -> None:
    statement_id, request = statement_and_request(school)
    answer = send(
        school, Request("POST", request.target, [*request.headers, *headers], request.body).encode(), ends=True
    )
    assert answer is not None
    assert answer.status in (400, 413)
    assert school.stored([statement_id]) == 0


def test_upgrade__the_body_is_not_lost(school: School) -> None:
    """Java's own client offers HTTP/2 with its first request."""
    offers = [
        (b"Connection", b"Upgrade, HTTP2-Settings"),
        (b"Upgrade", b"h2c"),
        (b"HTTP2-Settings", b"AAMAAABkAAQAAP__"),
    ]
    for headers in (offers, [(b"Connection", b"upgrade"), (b"Upgrade", b"websocket")]):
        statement_id, request = statement_and_request(school, *headers)
        assert school.knock(request).json == [statement_id]


def test_upgrade__a_body_that_looks_like_a_request(school: School) -> None:
    inner_id, inner = statement_and_request(school)
    offer = [(b"Connection", b"Upgrade"), (b"Upgrade", b"h2c"), (b"Expect", b"100-continue")]
    outer = Request("POST", b"/xAPI/statements", [*school.headers(), JSON, *offer], inner.encode())
    head, separator, body = outer.encode().partition(b"\r\n\r\n")
    with knocking(school) as connection:
        connection.sendall(head + separator)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert school.stored([inner_id]) == 0


def test_trailer__is_no_header(school: School) -> None:
    statement_id, request = statement_and_request(
        school, (b"Transfer-Encoding", b"chunked"), (b"Trailer", b"X-Tenant-ID")
    )
    body = chunked(request.body).removesuffix(b"\r\n") + b"X-Tenant-ID: another\r\n\r\n"
    assert school.knock(Request("POST", request.target, request.headers, body)).json == [statement_id]


@pytest.mark.parametrize(
    "endless",
    [
        b"GET /xAPI/statements?" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /xAPI/statements HTTP/1.1\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /xAPI/statements HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET /xAPI/statements HTTP/1.1\r\nX-Unfinished: " + b"a" * 200_000,
        b"POST /xAPI/statements HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-After: " + b"a" * 200_000,
    ],
    ids=["address", "header", "headers", "unfinished", "trailer"],
)
def test_head__has_a_bound(school: School, endless: bytes) -> None:
    with knocking(school) as connection:
        # The last part is not taken any more.
        with suppress(ConnectionError):
            connection.sendall(endless)
        answers = read_to_end(connection)
    assert b"HTTP/1.1 431 " in answers
    assert b'"error":"too_large"' in answers


def test_head__long_ones_within_the_bound(school: School) -> None:
    request = Request("GET", b"/xAPI/about", [*school.headers(), (b"X-Long", b"a" * 60_000)])
    assert school.knock(request).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"HELO lrs.example\r\n",
        b"GET /xAPI/about HTTP/9.9\r\n\r\n", b"get /xAPI/about HTTP/1.1\r\n\r\n", b"GET /xAPI/\xff HTTP/1.1\r\n\r\n",
        b"CONNECT lrs.example:443 HTTP/1.1\r\n\r\n", b"GET /xAPI/about HTTP/1.1\nHost: x\n\n", b"\0" * 100,
        b"GET /xAPI/about HTTP/1.1\r\nNo colon\r\n\r\n", b"GET /xAPI/about HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"GET /xAPI/about HTTP/1.1\r\n: nameless\r\n\r\n",
        b"GET /xAPI/about HTTP/1.1\r\nX: a\r\n folded\r\n\r\n", b"GET /xAPI/about HTTP/1.1\r\nX : a\r\n\r\n",
    ],
)  # fmt: skip
def test_no_http(school: School, sent: bytes) -> None:
    answer = send(school, sent, ends=True)
    assert answer is not None
    assert (answer.status, answer.json["error"]) == (400, "bad_http")


def test_pipelined__each_is_answered(school: School) -> None:
    requests = [statement_and_request(school) for _ in range(5)]
    last = Request("GET", b"/xAPI/about", [*school.headers(), CLOSE])
    with knocking(school) as connection:
        connection.sendall(b"".join([*(request.encode() for _, request in requests), last.encode()]))
        answers = read_to_end(connection)
    assert answers.count(b"HTTP/1.1 200 OK") == 6
    assert school.stored([statement_id for statement_id, _ in requests]) == 5


def test_half_closed__is_answered(school: School) -> None:
    requests = [statement_and_request(school) for _ in range(3)]
    with knocking(school) as connection:
        connection.sendall(b"".join(request.encode() for _, request in requests))
        connection.shutdown(socket.SHUT_WR)
        answers = read_to_end(connection)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert school.stored([statement_id for statement_id, _ in requests]) == 3


def knocking(school: School) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(school.lrs.url.rpartition(":")[2])), 10)


def read_to_end(connection: socket.socket) -> bytes:
    pieces = []
    with suppress(ConnectionError):
        while piece := connection.recv(65_536):
            pieces.append(piece)
    return b"".join(pieces)
