"""Parcels of all learners in the order of arrival, in bounded memory.

Each day has a file of its own; a day that is larger than memory should be is sorted in pieces, which are merged.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from simulator.delivery.parcels import Content, Parcel
from simulator.moments import DAY

PIECE = 48 << 20
MOST_OPEN = 200
LETTER: dict[Content, bytes] = {"event": b"e", "statement": b"s"}
CONTENT: dict[bytes, Content] = {letter: content for content, letter in LETTER.items()}


def by_day(parcels: Iterable[Parcel], beside: Path, piece: int = PIECE) -> Iterator[Parcel]:
    """Of what arrives in the same millisecond, events come first, then the lesser text."""
    beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".days-", dir=beside) as folder:
        shelf = _Shelf(Path(folder), piece)
        for parcel in parcels:
            shelf.put(parcel)
        yield from shelf.take()


class _Shelf:
    def __init__(self, folder: Path, piece: int) -> None:
        self._folder = folder
        self._piece = piece
        self._open: dict[int, BinaryIO] = {}
        self._days: set[int] = set()

    def put(self, parcel: Parcel) -> None:
        day = parcel.arrives // DAY
        file = self._open.get(day)
        if file is None:
            file = self._reopen(day)
        # Sorts as text. No moment here is before 1970.
        line = (b"%015d" % parcel.arrives, LETTER[parcel.content], parcel.tenant.encode(), parcel.text)
        file.write(b"\t".join(line) + b"\n")

    def _reopen(self, day: int) -> BinaryIO:
        if len(self._open) >= MOST_OPEN:
            self._close()
        self._days.add(day)
        file = self._open[day] = self._path(day).open("ab", 1 << 14)
        return file

    def _path(self, day: int) -> Path:
        return self._folder / str(day)

    def _close(self) -> None:
        for file in self._open.values():
            file.close()
        self._open = {}

    def take(self) -> Iterator[Parcel]:
        self._close()
        for day in sorted(self._days):
            for line in _sorted(self._path(day), self._piece):
                arrives, letter, tenant, text = line[:-1].split(b"\t", 3)
                yield Parcel(tenant.decode(), CONTENT[letter], int(arrives), text)
            self._path(day).unlink()


def _sorted(path: Path, size: int) -> Iterator[bytes]:
    if path.stat().st_size <= size:
        with path.open("rb") as file:
            yield from sorted(file)
        return
    pieces = _pieces(path, size)
    files = [piece.open("rb") for piece in pieces]
    try:
        yield from merge(*files)
    finally:
        for file, piece in zip(files, pieces, strict=True):
            file.close()
            piece.unlink()


def _pieces(path: Path, size: int) -> list[Path]:
    found: list[Path] = []
    with path.open("rb") as file:
        while lines := file.readlines(size):
            piece = path.with_suffix(f".{len(found)}")
            with piece.open("wb") as sorted_file:
                sorted_file.writelines(sorted(lines))
            found.append(piece)
    return found
