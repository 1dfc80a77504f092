"""Verbs."""

from typing import Any

import msgspec

from core.xapi.errors import missing
from core.xapi.iris import iri
from core.xapi.languages import language_map_text
from core.xapi.memory import remembered
from core.xapi.values import Reader, read_object

VOIDED = "http://adlnet.gov/expapi/verbs/voided"


class Verb(msgspec.Struct, frozen=True, gc=False):
    id: str
    identity: bytes
    display: bytes | None


def verb_identity(iri: str) -> bytes:
    return b"verb|" + iri.encode()


_READERS: dict[str, Reader[Any]] = {"id": iri, "display": language_map_text}


@remembered(2048)
def verb(value: bytes) -> Verb:
    found = read_object(value, _READERS)
    if "id" not in found:
        raise missing("id", "a verb")
    return Verb(found["id"], verb_identity(found["id"]), found.get("display"))
