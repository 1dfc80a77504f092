"""Statements with attachments as a client sends and receives them."""

import email.parser
import email.policy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import msgspec

BOUNDARY = "a-boundary_of.(tests)"
USAGE = "https://lms.example/attachments/essay"
JSON = "application/json"
Part = tuple[Mapping[str, str], bytes]


@dataclass(frozen=True)
class Enclosed:
    statements: Any
    # By hash.
    data: dict[str, bytes]
    content_types: dict[str, str]
    count: int


def describe(data: bytes, content_type: str = "text/plain", **changes: Any) -> dict[str, Any]:
    attachment = {
        "usageType": USAGE,
        "display": {"en": "Essay"},
        "contentType": content_type,
        "length": len(data),
        "sha2": sha256(data).hexdigest(),
    }
    return {name: value for name, value in {**attachment, **changes}.items() if value is not None}


def statements_part(statements: Any) -> Part:
    return {"Content-Type": JSON}, msgspec.json.encode(statements)


def data_part(data: bytes, content_type: str = "text/plain", **changes: str | None) -> Part:
    headers = {
        "Content-Type": content_type,
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": sha256(data).hexdigest(),
    }
    changed = {**headers, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {name: value for name, value in changed.items() if value is not None}, data


def join(parts: Sequence[Part], boundary: str = BOUNDARY) -> bytes:
    pieces = []
    for headers, data in parts:
        lines = [f"--{boundary}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        pieces += ["\r\n".join(lines).encode(), data, b"\r\n"]
    return b"".join(pieces) + f"--{boundary}--\r\n".encode()


def send(
    client: httpx.Client, parts: Sequence[Part], method: str = "POST", params: Mapping[str, str] | None = None
) -> httpx.Response:
    content_type = f'multipart/mixed; boundary="{BOUNDARY}"'
    return client.request(
        method, "/statements", params=params, content=join(parts), headers={"Content-Type": content_type}
    )


def receive(client: httpx.Client, path: str = "/statements", **params: str) -> Enclosed:
    response = client.get(path, params={**params, "attachments": "true"} if params or "cursor" not in path else None)
    assert response.status_code == 200, response.text
    return opened(response)


def opened(response: httpx.Response) -> Enclosed:
    """By the standard library's parser, not by ours."""
    head = f"Content-Type: {response.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + response.content)
    assert message.get_content_type() == "multipart/mixed"
    assert not message.defects
    first, *others = message.iter_parts()
    assert first.get_content_type() == JSON
    hashes = [part["X-Experience-API-Hash"] for part in others]
    assert all(part["Content-Transfer-Encoding"] == "binary" for part in others)
    return Enclosed(
        msgspec.json.decode(_bytes(first)),
        {sha2: _bytes(part) for sha2, part in zip(hashes, others, strict=True)},
        {sha2: part["Content-Type"] for sha2, part in zip(hashes, others, strict=True)},
        len(others),
    )


def _bytes(part: Any) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content
