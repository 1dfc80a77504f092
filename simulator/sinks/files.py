"""Statements and events as files: a line each, one file a tenant."""

import gzip
from pathlib import Path
from typing import BinaryIO

from simulator.delivery.parcels import Content, Parcel

FOLDERS: dict[Content, str] = {"statement": "statements", "event": "events"}
LEVEL = 3


class FileSink:
    def __init__(self, folder: Path, *, compressed: bool = False) -> None:
        self._folder = folder
        self._compressed = compressed
        self._files: dict[tuple[Content, str], BinaryIO] = {}

    def put(self, parcel: Parcel) -> None:
        key = parcel.content, parcel.tenant
        file = self._files.get(key)
        if file is None:
            file = self._files[key] = self._open(parcel)
        file.write(parcel.text + b"\n")

    def _open(self, parcel: Parcel) -> BinaryIO:
        folder = self._folder / FOLDERS[parcel.content]
        folder.mkdir(parents=True, exist_ok=True)
        if not self._compressed:
            return (folder / f"{parcel.tenant}.ndjson").open("wb", 1 << 20)
        # Without a name and a time in it, so that equal statements make equal files.
        under = (folder / f"{parcel.tenant}.ndjson.gz").open("wb", 1 << 20)
        return _OwningGzip(under)  # type: ignore[return-value]

    def flush(self) -> None:
        for file in self._files.values():
            file.flush()

    def close(self) -> None:
        for file in self._files.values():
            file.close()


class _OwningGzip(gzip.GzipFile):
    def __init__(self, under: BinaryIO) -> None:
        super().__init__("", "wb", LEVEL, under, mtime=0)
        self._under = under

    def close(self) -> None:
        super().close()
        self._under.close()
