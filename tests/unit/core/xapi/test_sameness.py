import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.xapi.attachments import SIGNATURE, SIGNATURE_TYPE
from core.xapi.sameness import digest, same_digest, same_statement
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import (
    ABOUT_SUB_STATEMENT,
    ACCOUNT,
    AGENT,
    ANONYMOUS,
    ATTACHMENT,
    EX,
    GROUP,
    REFERENCE,
    SHA2,
    STATEMENT,
    STATEMENT_V2,
    SUB_STATEMENT,
    UUIDS,
    Path,
    nodes,
    put,
    read,
    refused_path,
    small,
    text,
    without,
)


def same(one: Any, other: Any, version: Version = Version.V1) -> bool:
    found = same_digest(digest(read(one, version)), digest(read(other, version)))
    assert found == same_digest(digest(read(other, version)), digest(read(one, version)))
    return found


SAME: list[tuple[Path, Any]] = [
    (("id",), UUIDS[5]),
    (("stored",), "2027-01-01T00:00:00Z"),
    (("authority",), AGENT),
    (("version",), "1.0.0"),
    (("timestamp",), "2026-03-01T10:30:00.123000+01:00"),
    (("verb", "display"), {"de": "tat"}),
    (("object", "definition"), {"name": {"de": "Einheit"}}),
    (("object",), {"id": f"{EX}/unit"}),
    (("actor", "mbox"), "mailto:ana@EXAMPLE.org"),
    (("context", "registration"), UUIDS[2].upper()),
    (("context", "language"), "en-gb"),
    (("context", "team", "member"), [ACCOUNT, AGENT]),
    (("context", "contextActivities", "parent"), {"objectType": "Activity", "id": f"{EX}/course"}),
    (("result", "duration"), "PT1M30.5S"),
    (("result", "score", "raw"), 5.0),
    (("attachments", 0, "display"), {"de": "Datei"}),
    (("attachments", 0, "sha2"), SHA2.upper()),
    (("attachments",), [ATTACHMENT, {**ATTACHMENT, "usageType": SIGNATURE, "contentType": SIGNATURE_TYPE}]),
]


@pytest.mark.parametrize(("path", "value"), SAME)
def test_digest__same(path: Path, value: Any) -> None:
    assert same(STATEMENT, put(path, value))


DIFFERENT: list[tuple[Path, Any]] = [
    (("actor", "name"), "Other"),
    (("actor", "mbox"), "mailto:Ana@example.org"),
    (("actor",), {"objectType": "Group", "name": "Ana", "mbox": "mailto:ana@example.org"}),
    (("verb", "id"), f"{EX}/did2"),
    (("object", "id"), f"{EX}/unit2"),
    (("timestamp",), "2026-03-01T09:30:00.124Z"),
    (("result", "score", "raw"), 5.000001),
    (("result", "success"), False),
    (("result", "response"), "A"),
    (("result", "duration"), "PT90.5S"),
    (("result", "extensions", f"{EX}/ext"), "1"),
    (("result", "extensions", f"{EX}/ext"), True),
    (("context", "registration"), UUIDS[3]),
    (("context", "team", "member"), [AGENT]),
    (("context", "contextActivities", "parent"), [{"id": f"{EX}/course2"}]),
    (("context", "contextActivities", "other"), [{"id": f"{EX}/book"}, {"id": f"{EX}/book"}]),
    (("context", "statement", "id"), UUIDS[3]),
    (("context", "extensions", f"{EX}/ext"), False),
    (("attachments", 0, "sha2"), SHA2.replace("9", "8")),
    (("attachments",), []),
]


@pytest.mark.parametrize(("path", "value"), DIFFERENT)
def test_digest__different(path: Path, value: Any) -> None:
    assert not same(STATEMENT, put(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [(("actor", "name"), "X"), (("timestamp",), "2027-01-01T00:00:00Z"), (("result", "success"), False)],
)
def test_digest__sub_statement_different(path: Path, value: Any) -> None:
    assert not same(ABOUT_SUB_STATEMENT, put(("object", *path), value, ABOUT_SUB_STATEMENT))


def test_digest__sub_statement_without_timestamp_is_another() -> None:
    assert not same(ABOUT_SUB_STATEMENT, without(("object", "timestamp"), ABOUT_SUB_STATEMENT))


def test_digest__v2_participants() -> None:
    changed = put(("context", "contextAgents", 0, "relevantTypes"), [EX], STATEMENT_V2)
    assert not same(STATEMENT_V2, changed, Version.V2)


def test_digest__kinds_of_objects() -> None:
    objects = [AGENT, GROUP, ANONYMOUS, REFERENCE, {"id": f"urn:uuid:{UUIDS[1]}"}, SUB_STATEMENT]
    assert len({digest(read(small(object=each))) for each in objects}) == len(objects)


def test_digest__timestamp_set_by_the_lrs() -> None:
    assert same(STATEMENT, without(("timestamp",)))


def test_digest__durations_beyond_hundredths() -> None:
    assert same(put(("result", "duration"), "PT0.12S"), put(("result", "duration"), "PT0.1237S"))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (b"100", b"1E2", True),
        (b"1.10", b"1.1", True),
        (b"0", b"-0.0", True),
        (b"100000000000000000000", b"1e20", True),
        (b"12345678901234567890", b"12345678901234567891", False),
        (b'{"a":1,"b":[2]}', b'{"b":[2.0],"a":1}', True),
        (b"[1,2]", b"[2,1]", False),
        (rb'"\u00e9"', '"é"'.encode(), True),
        (b"{}", b"[]", False),
        (b"null", b'"null"', False),
    ],
)
def test_digest__extension_values(one: bytes, other: bytes, equal: bool) -> None:
    body = text(small(result={"extensions": {EX: "VALUE"}}))
    assert same(body.replace(b'"VALUE"', one), body.replace(b'"VALUE"', other)) is equal


def test_same_statement__ids() -> None:
    statement = read(STATEMENT)
    assert same_statement(statement, read(without(("id",))))
    assert same_statement(statement, read(put(("id",), UUIDS[0].upper())))
    assert not same_statement(statement, read(put(("id",), UUIDS[5])))


def test_digest__stays_what_it_is() -> None:
    # Stored rows depend on it.
    assert digest(read(STATEMENT)).hex() == "4c5410a458e4074de14650dd7b5bdda400064bf31d3fd678"


def shuffled(tree: Any, random: Any) -> Any:
    if isinstance(tree, dict):
        pairs = [(key, shuffled(part, random)) for key, part in tree.items()]
        random.shuffle(pairs)
        return dict(pairs)
    return [shuffled(part, random) for part in tree] if isinstance(tree, list) else tree


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([None, 1]), st.booleans())
def test_digest__order_and_white_space(random: Any, indent: int | None, ascii_only: bool) -> None:
    written = json.dumps(shuffled(STATEMENT, random), indent=indent, ensure_ascii=ascii_only).encode()
    assert digest(read(written)) == digest(read(STATEMENT))


IGNORED = {"id", "stored", "authority", "version", "display", "definition", "description", "length", "contentType"}
MEANINGFUL = [
    path
    for path in nodes(STATEMENT_V2)
    if path and not (set(map(str, path)) & IGNORED and path != ("object", "id") and path[:1] != ("actor",))
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MEANINGFUL), st.one_of(st.text(max_size=5), st.integers(-1, 1), st.booleans()))
def test_digest__any_meaningful_change(path: Path, value: Any) -> None:
    changed = put(path, value, STATEMENT_V2)
    if refused_path(changed, Version.V2) is None and value != _at(STATEMENT_V2, path):
        assert not same(STATEMENT_V2, changed, Version.V2)


def _at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree
