"""Statements mutated at every node: refused with a path or storable, and never anything else."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.xapi.batches import Batch, read_batch
from core.xapi.bodies import compose, stamp
from core.xapi.errors import StatementError
from core.xapi.formats import Canon, canonical, only_ids
from core.xapi.records import derive
from core.xapi.sameness import digest
from core.xapi.statements import Statement, read_statement
from core.xapi.versions import Version
from tests.unit.core.xapi.examples import ABOUT_SUB_STATEMENT, STATEMENT_V2, UUIDS, nodes, put, read, text, without

BASES = [STATEMENT_V2, put(("version",), "1.0.0", ABOUT_SUB_STATEMENT)]
PLACES = [(base, path) for base in BASES for path in nodes(base) if path]
AUTHORITY = b'{"mbox":"mailto:lrs@example.org"}'
STORED = datetime(2026, 11, 1, tzinfo=UTC)

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["\0", "a:\0", "\ud800", "a:\udfff", "http://\ufffe", "x" * 3000, "1" * 400, "0000-01-01T00:00:00Z"]
    ),
    st.sampled_from(["2026-W01-1T00:00:00Z", "2026-03-01T00:00:00+18:00", "P" + "1" * 5000 + "Y", "a:" + "b" * 5000]),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.integers(10**300, 10**310))
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


def assert_storable(statement: Statement) -> None:
    body = stamp(compose(statement, UUIDS[9], Version.V2, AUTHORITY), STORED, statement.timestamp is not None)
    tree = json.loads(body.decode(), object_pairs_hook=refuse_duplicates, parse_constant=refuse_constant)
    strings = json.dumps(tree, ensure_ascii=False)
    assert "\\u0000" not in strings.replace("\\\\", "")
    assert not re.search("[\ud800-\udfff]", strings)
    record = derive(statement, 1)
    assert {len(key) for key in record.related_agent_keys | record.related_activity_keys} == {16}
    assert record.timestamp is None or record.timestamp.tzinfo is UTC
    assert digest(read_statement(body, Version.V2))[:16] == record.digest[:16]
    assert only_ids(body)
    assert canonical(body, Canon({}, {}, []))


def refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def refuse_constant(name: str) -> None:
    raise AssertionError(name)


def check(body: bytes) -> None:
    found = read_or_refuse(body)
    if isinstance(found, StatementError):
        assert found.path.startswith("statement")
        assert found.message.isprintable()
    else:
        for statement in found.statements:
            assert_storable(statement)


def read_or_refuse(body: bytes) -> Batch | StatementError:
    try:
        return read_batch(body, Version.V2)
    except StatementError as error:
        return error


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), TREES, st.booleans(), st.booleans())
def test_read_batch__value_replaced(place: Any, value: Any, in_array: bool, spaced: bool) -> None:
    base, path = place
    changed = put(path, value, base)
    # Not only valid JSON: NaN, and halves of surrogate pairs in escapes.
    check(json.dumps([changed] if in_array else changed, indent=1 if spaced else None).encode())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), TEXTS)
def test_read_batch__name_replaced(place: Any, name: str) -> None:
    base, path = place
    tree = without(path, base)
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    if isinstance(parent, dict):
        parent[name] = 1
    check(json.dumps(tree).encode())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES))
def test_read_batch__left_out(place: Any) -> None:
    base, path = place
    check(text(without(path, base)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([text(base) for base in BASES]), st.data())
def test_read_batch__bytes_changed(body: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 8)))
    check(body[:start] + data.draw(st.binary(max_size=6)) + body[end:])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_read_batch__any_bytes(body: bytes) -> None:
    check(body)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLACES), TREES)
def test_read_statement__what_is_remembered_changes_nothing(place: Any, value: Any) -> None:
    base, path = place
    body = json.dumps(put(path, value, base)).encode()
    first, again = outcome(body), outcome(body)
    # Texts this long are not remembered.
    longer = outcome(body.replace(b"Unidade", b"U" * 3000))
    assert first == again
    assert isinstance(first, bytes) == isinstance(longer, bytes)
    assert not isinstance(first, bytes) or first == longer


def outcome(body: bytes) -> bytes | str:
    try:
        return digest(read(body, Version.V2))
    except StatementError as error:
        return str(error)
