"""Where one statement of a file ends and the next begins, chunk by chunk, whatever lies between.

Own code, since parsers that read piecemeal give values, and a statement's text must stay as it was sent.
"""

import re
from collections.abc import Callable, Iterator

# The places of separators in a chunk; what it left open, the next chunk goes on with.
Separators = Callable[[bytes], Iterator[int]]

# So many levels of objects and arrays a regular expression steps over at once.
_LEVELS = 2
_STRING = rb'"(?:[^"\\]++|\\.)*+"'


def _whole(levels: int) -> bytes:
    """Strings, and objects and arrays that end."""
    if levels == 0:
        return _STRING
    inner = rb'(?:[^"\[\]{}]++|%s)*+' % _whole(levels - 1)
    return rb"%s|\{%s\}|\[%s\]" % (_STRING, inner, inner)


# As far as no bracket and, outside of statements, no comma comes. What stops it may also be a string's beginning.
_BETWEEN = re.compile(rb'(?:[^",\[\]{}]++|%s)*+' % _whole(_LEVELS), re.DOTALL)
_WITHIN = re.compile(rb'(?:[^"\[\]{}]++|%s)*+' % _whole(_LEVELS), re.DOTALL)
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BACKSLASH = 0x5C
_LINE_BREAK = re.compile(rb"\n")


def line_breaks(chunk: bytes) -> Iterator[int]:
    return (found.start() for found in _LINE_BREAK.finditer(chunk))


class ArraySeparators:
    """Commas between the elements of an array whose bracket was read, and the bracket that closes it.

    Brackets that do not fit are taken as if those missing were there, so that an element with such a mistake is, as
    far as one can tell, the only one that it spoils.
    """

    def __init__(self, *, is_closed: bool = False) -> None:
        self.is_closed = is_closed
        self._open = bytearray()
        self._in_string = False
        self._in_escape = False

    def __call__(self, chunk: bytes) -> Iterator[int]:
        at = int(self._in_escape)
        self._in_escape = False
        while at < len(chunk) and not self.is_closed:
            if self._in_string:
                at = self._leave_string(chunk, at)
                continue
            at = (_WITHIN if self._open else _BETWEEN).match(chunk, at).end()  # type: ignore[union-attr]
            if at == len(chunk):
                return
            if self._ends_element(chunk[at]):
                yield at
            at += 1

    def _leave_string(self, chunk: bytes, at: int) -> int:
        at = _REST_OF_STRING.match(chunk, at).end()  # type: ignore[union-attr]
        if at < len(chunk):
            self._in_escape = chunk[at] == _BACKSLASH
            self._in_string = self._in_escape
        return at + 1

    def _ends_element(self, char: int) -> bool:
        match char:
            case 0x22:
                self._in_string = True
            case 0x5B | 0x7B:
                self._open.append(char)
            case 0x5D:
                return self._close(0x5B)
            case 0x7D:
                self._close(0x7B)
            case _:
                return True
        return False

    def _close(self, opening: int) -> bool:
        """Whether it is the array that was closed."""
        if self._open:
            index = self._open.rfind(opening)
            if index >= 0:
                del self._open[index:]
            return False
        self.is_closed = opening == 0x5B
        return self.is_closed
