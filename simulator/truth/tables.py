"""Truth as files: one a mart, one row a line."""

from pathlib import Path
from typing import Any, BinaryIO

import msgspec

Row = dict[str, Any]


class Tables:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._encode = msgspec.json.Encoder().encode
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, mart: str, row: Row) -> None:
        file = self._files.get(mart)
        if file is None:
            file = self._files[mart] = (self._folder / f"{mart}.ndjson").open("wb", 1 << 18)
        file.write(self._encode(row) + b"\n")

    def close(self) -> None:
        for file in self._files.values():
            file.close()
