"""The JSON Schemas in docs/events say what the code accepts."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from core.lms.events import EVENT_TYPES, event_schema, parse_event
from core.lms.schemas import schema_files
from core.xapi.errors import StatementError as EventError
from tests.harness.event_edges import nearly_events
from tests.harness.event_examples import EXAMPLES
from tests.harness.events import event_body

FOLDER = Path(__file__).parents[4] / "docs" / "events"
VALIDATORS = {name: Draft202012Validator(event_schema(name)) for name in EVENT_TYPES}


def is_accepted(body: dict[str, Any]) -> bool:
    try:
        parse_event(json.dumps(body).encode())
    except EventError:
        return False
    return True


@pytest.mark.parametrize("name", EVENT_TYPES)
@given(data=st.data())
def test_schema__valid_by_it_is_accepted_and_what_is_accepted_is_valid_by_it(name: str, data: st.DataObject) -> None:
    body = data.draw(nearly_events(name))
    # Of another kind of event, its own schema speaks.
    body["eventType"] = name
    assert is_accepted(body) == VALIDATORS[name].is_valid(body), body


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_schema__the_example_with_everything_is_valid(name: str) -> None:
    body = event_body(name, EXAMPLES[name], tenantId="school")
    VALIDATORS[name].validate(body)
    Draft202012Validator.check_schema(event_schema(name))
    assert is_accepted(body)
    assert EXAMPLES[name].keys() == event_schema(name)["properties"]["payload"]["properties"].keys()


def test_schema_files__are_those_of_the_code() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert written == schema_files(), "run: python -m core.lms.schemas docs/events"
