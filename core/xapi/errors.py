"""What is wrong with a statement, and at which property."""

from core.errors import UserError

SHOWN = 60


class StatementError(UserError):
    """`path` is relative to whatever was read; each level that passes the error on puts its own name before it."""

    def __init__(self, path: str, found: str, allowed: str) -> None:
        super().__init__(f"{path or 'The value'}: found {found}.", f"Allowed: {allowed}.")
        self.path = path
        self.found = found
        self.allowed = allowed

    def under(self, parent: str) -> "StatementError":
        separator = "." if self.path and not self.path.startswith("[") else ""
        return StatementError(f"{parent}{separator}{self.path}", self.found, self.allowed)


def wrong(value: bytes, allowed: str) -> StatementError:
    return StatementError("", shown(value), allowed)


def missing(name: str, owner: str) -> StatementError:
    return StatementError(name, "nothing", f"a value, because {owner} needs this property")


def shown(value: bytes) -> str:
    """A piece of what was sent, short, and harmless in a log or a terminal."""
    return shown_text(bytes(value)[: 4 * SHOWN].decode("utf-8", "replace"))


def quoted(text: str) -> str:
    return f'"{shown_text(text)}"'


def shown_text(text: str) -> str:
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in short)


def segment(name: str) -> str:
    """A property's name as it stands in a path."""
    is_plain = name.isascii() and name.isidentifier() and len(name) <= SHOWN
    return name if is_plain else f'["{shown_text(name)}"]'
