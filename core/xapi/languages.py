"""Language tags (RFC 5646) and maps from them to texts."""

import re
from functools import lru_cache

from core.xapi.errors import StatementError, quoted
from core.xapi.memory import remembered
from core.xapi.values import read_map, string

# Far more than any registered combination needs; what is remembered must be bounded.
MAX_TAG = 100

_LANGUAGE = r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
_SCRIPT_REGION = r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
_VARIANTS = r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*"
_EXTENSIONS = r"(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*"
_PRIVATE = r"x(?:-[a-z\d]{1,8})+"
_IRREGULAR = (
    "en-gb-oed|i-ami|i-bnn|i-default|i-enochian|i-hak|i-klingon|i-lux|i-mingo|i-navajo|i-pwn|i-tao|i-tay|i-tsu|"
    "sgn-be-fr|sgn-be-nl|sgn-ch-de|art-lojban|cel-gaulish|no-bok|no-nyn|zh-guoyu|zh-hakka|zh-min|zh-min-nan|zh-xiang"
)
_TAG = re.compile(
    f"{_LANGUAGE}{_SCRIPT_REGION}{_VARIANTS}{_EXTENSIONS}(?:-{_PRIVATE})?|{_PRIVATE}|{_IRREGULAR}",
    re.IGNORECASE | re.ASCII,
)


@lru_cache(1024)
def check_language_tag(text: str) -> str:
    if len(text) > MAX_TAG or not _TAG.fullmatch(text):
        raise StatementError("", quoted(text), "a language tag of RFC 5646, such as en or pt-BR")
    return text


def language_tag(value: bytes) -> str:
    """In lower case, as its case makes no difference."""
    return check_language_tag(string(value)).lower()


def language_map(value: bytes) -> dict[str, str]:
    return read_map(value, check_language_tag, string)


@remembered(4096)
def language_map_text(value: bytes) -> bytes:
    """The map as it was written, once it is known to be one."""
    language_map(value)
    return value
