"""What no well-meant client sends: strategies for texts, JSON trees, bytes and headers."""

import json
from typing import Any

from hypothesis import strategies as st

ODD_TEXTS = (
    "", " ", "\0", "a:\0", "\ud800", "a:\udfff", "http://\ufffe", "x" * 3000, "a:" + "b" * 5000,
    "https://x/" + "é" * 900,
    "1" * 400, "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00",
    "2026-W01-1T00:00:00Z", "2026-03-01T00:00:00+18:00", "2016-12-31T23:59:60Z", "P" + "1" * 5000 + "Y",
    "urn:uuid:6690e6c9-3ef0-4ed3-8b37-7f3964730bee", "6690E6C93EF04ED38B377F3964730BEE", "mailto:",
    "mailto:ä@ö.example", "mailto:a@b\r\nX: y", "true", "null", "{}", "[]", "%00", "%", "../../etc/passwd",
    "' or 1=1 --", "\u202e", "🙂" * 50,
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(ODD_TEXTS))
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.integers(10**300, 10**310), st.sampled_from([2**63, -(2**63), 1e308])
)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
# Put where a value of JSON was, as they are.
ODD_JSON = (
    "1e400", "-1e400", "1e-5000", "1" * 5000, "0." + "3" * 5000, "-0", "-0.0", "1E2", "01", "+1", ".5", "1.", "NaN",
    "Infinity",
    '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u000"', '"\\x00"', '"\t"', '"unended', "",
    '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', "{,}", "[1,]", "[" * 99 + "]" * 99, "[" * 200 + "]" * 200, "[" * 9_000,
    '{"a":' * 200 + "1" + "}" * 200, "// no", "undefined", "tru",
)  # fmt: skip
RAW_VALUES = st.sampled_from(ODD_JSON)
# In a header nothing else can stand: HTTP's own end of a line, and NUL, end the request.
HEADER_VALUES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60).map(str.encode),
    st.binary(max_size=40).map(lambda data: bytes(byte for byte in data if byte in b"\t" or 32 <= byte != 127)),
)


def as_json(tree: Any) -> str:
    """Not only valid: with NaN, and with halves of surrogate pairs in escapes."""
    return json.dumps(tree, separators=(",", ":"))


def encodings(text: str) -> st.SearchStrategy[bytes]:
    names = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp037", "shift_jis")
    return st.sampled_from(names).map(lambda name: text.encode(name, "replace"))


@st.composite
def damaged(draw: st.DrawFn, body: bytes, most: int = 8) -> bytes:
    """Some bytes at some place are others, or none."""
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + most)))
    return (
        body[:start]
        + draw(st.binary(max_size=most) | TEXTS.map(lambda text: text.encode("utf-8", "ignore")))
        + body[end:]
    )
