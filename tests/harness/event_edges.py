"""Events that are nearly right: changed here and there to what lies on the border of the allowed, or beyond."""

import copy
from typing import Any

from hypothesis import strategies as st

from tests.harness.event_examples import EXAMPLES
from tests.harness.events import event_body

# On the border of what some kind of value allows, or beyond.
EDGES = st.sampled_from([
    None, True, False, 0, 1, 1.0, -1, 0.5, 100, 100.5, 36_500, 36_501, 1_000_000_001, 2**31 - 1, 2**31, 10**30, "",
    " ", "a", "ab", "a@b", "a@b\n", "a b@c", "@", "x" * 255, "x" * 256, "x" * 1000, "x" * 1001, "ä" * 255, "a\n",
    "a\0", "student", "admin", "draft", "quiz", "active", "video", "https://x.example/", "https://x.example/\n",
    "https://x.example/ ", "x:", "urn:ü", "urn:\ufdd0", f"urn:{'x' * 2044}", f"urn:{'x' * 2045}",
    "2026-03-01T08:00:00Z", "2026-03-01T08:00:00.123456789+15:59", "2026-03-01T08:00:00-00:00",
    "2026-03-01T08:00:00+16:00", "2026-03-01T24:00:00Z", "2026-13-01T08:00:00Z", "0000-01-01T00:00:00Z",
    "2026-03-01t08:00:00z", "2026-03-01 08:00:00Z", "2026-03-01T08:00Z", "2026-06-30T23:59:60Z",
    "2026-03-01T08:00:00Z\n", "٢٠٢٦-03-01T08:00:00Z", "6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
    "6690E6C9-3EF0-4ED3-8B37-7F3964730BEE", "6690e6c93ef04ed38b377f3964730bee",
    "6690e6c9-3ef0-4ed3-8b37-7f3964730bee\n", [], [1], ["a"], ["a", None], {}, {"a": 1}, {"title": "x"},
])  # fmt: skip


@st.composite
def nearly_events(draw: st.DrawFn, name: str) -> dict[str, Any]:
    body = copy.deepcopy(event_body(name, EXAMPLES[name], tenantId="school"))
    for _ in range(draw(st.integers(0, 3))):
        mutate(draw, body)
    return body


def mutate(draw: st.DrawFn, body: dict[str, Any]) -> None:
    places = [place for place in containers(body) if place]
    place = draw(st.sampled_from(places))
    key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            place[key] = copy.deepcopy(draw(EDGES))
        case "remove":
            del place[key]
        case _ if isinstance(place, dict):
            place[draw(st.sampled_from(["colour", "courseId", "title", "dueAt"]))] = copy.deepcopy(draw(EDGES))


def containers(value: Any) -> list[Any]:
    if not isinstance(value, dict | list):
        return []
    parts = value.values() if isinstance(value, dict) else value
    return [value, *(inner for part in parts for inner in containers(part))]
