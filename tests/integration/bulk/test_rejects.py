"""Everything that can be wrong with a line of a file: the others are stored, and nothing is lost."""

import base64
import gzip
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.harness.bulk import School, Write, as_lines, rejects
from tests.harness.statements import make_statement

GOOD = [make_statement() for _ in range(3)]


def without(name: str) -> bytes:
    return json.dumps(make_statement(**{name: None})).encode()


def changed(**changes: Any) -> bytes:
    return json.dumps(make_statement(**changes)).encode()


EXTENSION = "https://x.example/e"
NESTED = changed(result={"extensions": {EXTENSION: "DEEP"}}).replace(b'"DEEP"', b"[" * 200 + b"]" * 200)
# What is wrong, by the line, with the reason and the path that are to be said of it.
BAD: dict[str, tuple[bytes, str, str | None]] = {
    "no JSON": (b"hello", "malformed", None),
    "cut off": (changed()[:-10], "malformed", None),
    "two in a line": (changed() + changed(), "malformed", None),
    "a comma after": (changed() + b",", "malformed", None),
    "no UTF-8": (changed().replace(b"Ada", b"Ad\xff"), "malformed", None),
    "a byte order mark within the file": (b"\xef\xbb\xbf" + changed(), "malformed", None),
    "NUL": (changed(actor={"mbox": "mailto:a@b.example", "name": "\0"}), "invalid_statement", "actor.name"),
    "half a surrogate pair": (
        changed(actor={"mbox": "mailto:a@b.example", "name": "\ud800"}), "invalid_statement", "actor.name",
    ),
    "a property twice": (
        changed().replace(b'"verb"', b'"verb": {"id": "x:y"}, "verb"', 1), "invalid_statement", "verb",
    ),
    "nested too deeply": (NESTED, "invalid_statement", None),
    "a number too large": (
        changed(result={"score": {"raw": 1}}).replace(b'"raw": 1', b'"raw": 1e999'),
        "invalid_statement", "result.score.raw",
    ),
    "another kind of value": (b"[1]", "invalid_statement", None),
    "null": (b"null", "invalid_statement", None),
    "no actor": (without("actor"), "invalid_statement", "actor"),
    "no verb": (without("verb"), "invalid_statement", "verb"),
    "no object": (without("object"), "invalid_statement", "object"),
    "an unknown property": (changed(note=1), "invalid_statement", "note"),
    "a wrong id": (changed(id="7"), "invalid_statement", "id"),
    "a wrong IRI": (changed(verb={"id": "completed"}), "invalid_statement", "verb.id"),
    "a wrong timestamp": (changed(timestamp="yesterday"), "invalid_statement", "timestamp"),
    "a wrong score": (changed(result={"score": {"scaled": 2}}), "invalid_statement", "result.score.scaled"),
    "a wrong version": (changed(version="0.95"), "invalid_statement", "version"),
}  # fmt: skip


def original(one: dict[str, Any]) -> bytes:
    return base64.b64decode(one["base64"]) if one["text"] is None else one["text"].encode()


def test_rejects__every_kind_of_bad_line(school: School, write: Write) -> None:
    lines = [json.dumps(GOOD[0]).encode()]
    for text, _, _ in BAD.values():
        lines += [text, json.dumps(make_statement()).encode()]
    path = write("s.ndjson", b"\n".join(lines))
    assert school.counts(path) == (len(BAD) + 1, 0, len(BAD))
    found = rejects(path.with_name("s.ndjson.rejects.ndjson"))
    assert len(found) == len(BAD)
    for number, (one, (kind, (text, reason, where))) in enumerate(zip(found, BAD.items(), strict=True)):
        assert (one["line"], one["position"]) == (2 * number + 2, 2 * number + 1), kind
        assert (one["reason"], one["path"]) == (reason, where), (kind, one["message"])
        assert one["message"].endswith("."), kind
        assert original(one) == text, kind


def test_rejects__every_kind_of_bad_element(school: School, write: Write) -> None:
    """Those of lines, but for what cannot be told from two elements."""
    kinds = {kind: bad for kind, bad in BAD.items() if kind not in ("cut off", "a comma after")}
    elements = [element for text, _, _ in kinds.values() for element in (text, json.dumps(make_statement()).encode())]
    path = write("s.json", b"[\n" + b",\n".join(elements) + b"\n]")
    assert school.counts(path) == (len(kinds), 0, len(kinds))
    found = rejects(path.with_name("s.json.rejects.ndjson"))
    assert [one["line"] for one in found] == list(range(2, 2 * len(kinds) + 1, 2))
    assert [original(one) for one in found] == [text for text, _, _ in kinds.values()]


def test_rejects__mended_they_can_be_imported(school: School, write: Write) -> None:
    path = write("s.ndjson", as_lines([make_statement(timestamp="yesterday"), make_statement()]))
    assert school.counts(path) == (1, 0, 1)
    (one,) = rejects(path.with_name("s.ndjson.rejects.ndjson"))
    mended = write("mended.ndjson", one["text"].replace("yesterday", "2026-06-01T10:00:00Z").encode())
    assert school.counts(mended) == (1, 0, 0)
    assert len(school.stored_ids()) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[%s,%s" % (changed(id=str(uuid4())), changed()), "truncated"),
        (b"[%s] and more" % changed(), "after_end"),
        (b"[%s,]" % changed(), "malformed"),
    ],
)
def test_rejects__a_broken_array(school: School, write: Write, content: bytes, reason: str) -> None:
    path = write("s", content)
    assert school.counts(path) == (1, 0, 1)
    assert [one["reason"] for one in rejects(path.with_name("s.rejects.ndjson"))] == [reason]


def test_rejects__a_damaged_packed_file(school: School, write: Write) -> None:
    packed = gzip.compress(as_lines([make_statement() for _ in range(1000)]))
    path = write("s", packed[:-100])
    stored, _, rejected = school.counts(path)
    assert 900 < stored < 1000
    assert len(school.stored_ids()) == stored
    found = rejects(path.with_name("s.rejects.ndjson"))
    assert len(found) == rejected
    assert found[-1]["reason"] == "damaged"


def test_rejects__what_is_too_large(school: School, write: Write) -> None:
    large = make_statement(result={"response": "x" * (2 << 20)})
    path = write("s", as_lines([make_statement(), large, make_statement()]))
    assert school.counts(path, LYCEUM_LRS_MAX_BODY_MB="1") == (2, 0, 1)
    (one,) = rejects(path.with_name("s.rejects.ndjson"))
    assert (one["line"], one["reason"], one["text"]) == (2, "too_large", None)
    assert "It begins at byte" in one["message"]
    assert school.counts(path) == (1, 2, 0)
    assert not path.with_name("s.rejects.ndjson").exists(), "nothing is rejected now"
