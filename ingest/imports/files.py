"""A CSV file as it comes, made UTF-8; its delimiter and its header."""

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from ingest.imports.problems import SHOWN, Problem, RefusedError

BLOCK = 1 << 20
DELIMITERS = ",;\t"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class CsvFile:
    """`path` is a copy in UTF-8, without a byte order mark; `name` is what the user calls it."""

    name: str
    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]


def open_csv(source: Path, folder: Path, encoding: str | None = None) -> CsvFile:
    chosen = encoding or detect_encoding(source)
    copy = folder / source.name
    _transcode(source, copy, chosen)
    delimiter, header = _read_header(copy, source.name)
    return CsvFile(source.name, copy, chosen, delimiter, header)


def detect_encoding(source: Path) -> str:
    with source.open("rb") as file:
        start = file.read(4096)
        for mark, name in BOMS:
            if start.startswith(mark):
                return name
        # Without a mark, every other byte of Latin text in UTF-16 is zero.
        if start[1::2].count(0) > len(start) // 4:
            return "utf-16-le"
        if start[::2].count(0) > len(start) // 4:
            return "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "windows-1252"
    return "utf-8"


def _transcode(source: Path, copy: Path, encoding: str) -> None:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise UserError(f"{encoding!r} is no encoding.", "Use utf-8, utf-16 or windows-1252, for instance.") from error
    lines = 1
    with source.open("rb") as file, copy.open("wb") as out:
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise _refused(source, lines, f"bytes that are not {encoding} ({error.reason})") from error
            if "\0" in text:
                line = lines + text[: text.index("\0")].count("\n")
                raise _refused(source, line, "the character U+0000, which no database can keep")
            out.write(text.encode())
            lines += text.count("\n")
            if not block:
                return


def _read_header(path: Path, name: str) -> tuple[str, tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as file:
        first = file.readline()
        delimiter = max(DELIMITERS, key=first.count)
        file.seek(0)
        try:
            header = next((record for record in csv.reader(file, delimiter=delimiter) if record), [])
        except csv.Error as error:
            reason = "the first line is not CSV; is a quote missing?"
            raise RefusedError([Problem(name, 1, "", first[:SHOWN], reason)]) from error
    if not header:
        raise RefusedError([Problem(name, 1, "", "", "the file is empty; its first line must name the columns")])
    return delimiter, tuple(column.strip() for column in header)


def _refused(source: Path, line: int, reason: str) -> RefusedError:
    return RefusedError([Problem(source.name, line, "", "", reason)])
