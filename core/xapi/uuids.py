"""UUIDs in standard form, which are the same in either case."""

from core.xapi.errors import StatementError, quoted, wrong

ALLOWED = "a UUID such as 6690e6c9-3ef0-4ed3-8b37-7f3964730bee"

# Every hexadecimal digit becomes "0", and what could be taken for one afterwards does not stay.
_SHAPE = b'"00000000-0000-0000-0000-000000000000"'
_TO_SHAPE = bytes(ord("0") if chr(code) in "0123456789abcdefABCDEF" else code for code in range(256))


def check_uuid(text: str) -> str:
    if f'"{text}"'.encode(errors="replace").translate(_TO_SHAPE) != _SHAPE:
        raise StatementError("", quoted(text), ALLOWED)
    return text.lower()


def uuid(value: bytes) -> str:
    text = bytes(value)
    if text.translate(_TO_SHAPE) != _SHAPE:
        raise wrong(value, ALLOWED)
    return text[1:-1].lower().decode()
