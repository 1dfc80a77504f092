import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.xapi.definitions import Stamped, definition_text, display_text, merge, stamp_definition, stamp_display
from tests.unit.core.xapi.examples import DEFINITION, EX, UUIDS, text

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


def said(definition: Any, seconds: int = 0, statement: int = 0) -> Stamped:
    return stamp_definition(text(definition), NOW + timedelta(seconds=seconds), UUIDS[statement])


def merged(*all_said: Stamped) -> Any:
    result: Stamped = {}
    for each in all_said:
        result = merge(result, each)
    return json.loads(definition_text(result))


def test_definition_text__as_it_was_said() -> None:
    assert json.loads(definition_text(said(DEFINITION))) == DEFINITION


def test_definition_text__notation_stays() -> None:
    definition = b'{"extensions":{"a:b":1.10},"name":{"en":"\\u00e9"}}'
    assert definition_text(stamp_definition(definition, NOW, UUIDS[0])) == definition


def test_merge__by_language_and_extension() -> None:
    one = said({"name": {"en": "A", "de": "A"}, "type": f"{EX}/1", "extensions": {"a:1": 1, "a:2": 1}})
    later = said({"name": {"en": "B"}, "type": f"{EX}/2", "extensions": {"a:2": {"x": 2}}}, seconds=1)
    expected = {"name": {"en": "B", "de": "A"}, "type": f"{EX}/2", "extensions": {"a:1": 1, "a:2": {"x": 2}}}
    assert merged(one, later) == merged(later, one) == expected


def test_merge__same_time_greater_id() -> None:
    assert merged(said({"type": "a:9"}, statement=1), said({"type": "a:1"}, statement=2)) == {"type": "a:1"}


def test_merge__same_statement_twice() -> None:
    assert merged(said({"type": "a:1"}), said({"type": "a:2"})) == merged(said({"type": "a:2"}), said({"type": "a:1"}))


def test_merge__lists_of_another_interaction_go() -> None:
    likert = said({"interactionType": "likert", "scale": [{"id": "a"}], "name": {"en": "X"}})
    choice = said({"interactionType": "choice", "choices": [{"id": "b"}]}, seconds=1)
    expected = {"interactionType": "choice", "choices": [{"id": "b"}], "name": {"en": "X"}}
    assert merged(likert, choice) == merged(choice, likert) == expected


def test_merge__survives_json() -> None:
    kept: Stamped = json.loads(json.dumps(said(DEFINITION)))
    assert merged(kept, said(DEFINITION)) == DEFINITION


def test_stamp_display() -> None:
    display = merge(stamp_display(b'{"en":"did"}', NOW, UUIDS[0]), stamp_display(b'{"de":"tat"}', NOW, UUIDS[1]))
    assert json.loads(display_text(display)) == {"en": "did", "de": "tat"}
    assert display_text({}) == b"{}"


LANGUAGE_MAP = st.dictionaries(st.sampled_from(["en", "de"]), st.sampled_from(["A", "B"]))
DEFINITIONS = st.fixed_dictionaries(
    {},
    optional={
        "name": LANGUAGE_MAP,
        "type": st.sampled_from(["a:1", "a:2"]),
        "extensions": st.dictionaries(st.sampled_from(["a:1", "a/b:2"]), st.integers(0, 2)),
        "interactionType": st.sampled_from(["likert", "choice", "other"]),
        "scale": st.just([{"id": "a"}]),
        "choices": st.sampled_from([[{"id": "a"}], []]),
    },
)
SAID = st.builds(said, DEFINITIONS, st.integers(0, 2), st.integers(0, 2))


@settings(max_examples=150, deadline=None)
@given(SAID, SAID, SAID)
def test_merge__any_order(one: Stamped, two: Stamped, three: Stamped) -> None:
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))
    assert merge(one, one) == one
