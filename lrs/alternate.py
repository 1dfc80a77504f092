"""The Alternate Request Syntax of 1.0.x: any request as a POST of a form, for clients that cannot do better."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers

from lrs.call import parse_parameters
from lrs.errors import BadRequestError

METHOD = "method"
METHODS = ("GET", "PUT", "POST", "DELETE")
CARRY_CONTENT = ("PUT", "POST")
CONTENT = "content"
HEADERS = frozenset((
    "authorization", "x-experience-api-version", "content-type", "content-length", "if-match", "if-none-match",
))  # fmt: skip
# Of the form itself, not of what it carries.
OUTER = frozenset((b"content-type", b"content-length", b"content-encoding"))
JSON = "application/json"


@dataclass(frozen=True)
class Asked:
    """What a request comes to; without a body where that is still to be read."""

    method: str
    parameters: Mapping[str, str]
    headers: Headers
    body: bytes | None = None


def is_alternate(method: str, parameters: Mapping[str, str], headers: Headers) -> bool:
    """2.0.0 knows it no more; there, `method` is a parameter like any other that is not known."""
    version = headers.get("x-experience-api-version", "")
    return method == "POST" and METHOD in parameters and not version.startswith("2.")


def unpack(parameters: Mapping[str, str], headers: Headers, form: bytes) -> Asked:
    method = parameters[METHOD]
    if method not in METHODS:
        raise BadRequestError("alternate_syntax", f"method: found {method[:20]!r}. Allowed: {', '.join(METHODS)}.")
    if len(parameters) > 1:
        raise BadRequestError("alternate_syntax", "Beside method, all parameters belong into the form.")
    fields = _fields(form)
    content = fields.pop(CONTENT, None)
    if method in CARRY_CONTENT and content is None:
        raise BadRequestError("alternate_syntax", f"{CONTENT}: missing from the form.")
    given = {name.lower(): value for name, value in fields.items() if name.lower() in HEADERS}
    if given.get("x-experience-api-version", "").startswith("2."):
        raise BadRequestError("alternate_syntax", "The Alternate Request Syntax ended with 1.0.3; use plain requests.")
    others = {name: value for name, value in fields.items() if name.lower() not in HEADERS}
    return Asked(method, others, _headers(headers, given), (content or "").encode())


def _fields(form: bytes) -> dict[str, str]:
    try:
        return parse_parameters(form.decode())
    except UnicodeDecodeError as error:
        raise BadRequestError("alternate_syntax", "The form is not UTF-8.") from error


def _headers(outer: Headers, given: Mapping[str, str]) -> Headers:
    replaced = OUTER | {name.encode() for name in given}
    kept = [(name, value) for name, value in outer.raw if name not in replaced]
    # Without its type, content is what nearly all xAPI content is.
    inner = {"content-type": JSON, **given}
    for name, value in inner.items():
        if not (value.isascii() and value.isprintable()):
            raise BadRequestError("alternate_syntax", f"{name}: has characters that no header can have.")
    return Headers(raw=[*kept, *((name.encode(), value.encode()) for name, value in inner.items())])
