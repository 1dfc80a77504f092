"""Attachments as statements describe them; their data travels beside the statement."""

import re
from typing import Any

import msgspec

from core.xapi.errors import StatementError, missing, quoted, wrong
from core.xapi.iris import iri
from core.xapi.languages import language_map_text
from core.xapi.values import Reader, read_elements, read_object, string, whole_number

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
SIGNATURE_TYPE = "application/octet-stream"

_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~\-]+"
_MEDIA_TYPE = re.compile(rf"{_WORD}/{_WORD}(?:[ \t]*;[\x20-\x7e\t]*)?")
# SHA-224, 256, 384 and 512.
_SHA2 = re.compile("[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128}")


class Attachment(msgspec.Struct, frozen=True, gc=False):
    usage_type: str
    content_type: str
    length: int
    sha2: str
    file_url: str | None

    @property
    def is_signature(self) -> bool:
        return self.usage_type == SIGNATURE


def _media_type(value: bytes) -> str:
    text = string(value)
    if not _MEDIA_TYPE.fullmatch(text):
        raise wrong(value, "an Internet media type such as application/pdf")
    return text


def _sha2(value: bytes) -> str:
    text = string(value)
    if not _SHA2.fullmatch(text):
        raise wrong(value, "a SHA-2 sum in 56, 64, 96 or 128 hexadecimal digits")
    return text.lower()


_READERS: dict[str, Reader[Any]] = {
    "usageType": iri,
    "display": language_map_text,
    "description": language_map_text,
    "contentType": _media_type,
    "length": whole_number,
    "sha2": _sha2,
    "fileUrl": iri,
}
_REQUIRED = ("usageType", "display", "contentType", "length", "sha2")


def _attachment(value: bytes) -> Attachment:
    found = read_object(value, _READERS)
    for name in _REQUIRED:
        if name not in found:
            raise missing(name, "an attachment")
    if found["usageType"] == SIGNATURE and found["contentType"] != SIGNATURE_TYPE:
        raise StatementError("contentType", quoted(found["contentType"]), f"{SIGNATURE_TYPE} for a signature")
    return Attachment(found["usageType"], found["contentType"], found["length"], found["sha2"], found.get("fileUrl"))


def attachments(value: bytes) -> tuple[Attachment, ...]:
    return tuple(read_elements(value, _attachment))
