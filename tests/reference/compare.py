"""Two tables of the same name: which cells differ, and of which row."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

TOLERANCE = 1e-9
Key = tuple[Any, ...]


class Difference(NamedTuple):
    """`column` is None where one side has no such row."""

    table: str
    key: dict[str, Any]
    column: str | None
    left: Any
    right: Any

    def __str__(self) -> str:
        key = ", ".join(f"{name}={value}" for name, value in self.key.items())
        what = "row" if self.column is None else self.column
        return f"{self.table}({key}).{what}: {self.left!r} is not {self.right!r}"


def compare(table: str, left: pl.DataFrame, right: pl.DataFrame, keys: Sequence[str]) -> list[Difference]:
    """On the columns that both have. A key that comes twice is a difference, too."""
    columns = [name for name in left.columns if name in right.columns]
    missing = [name for name in keys if name not in columns]
    if missing:
        raise KeyError(f"{table}: only one side has the key columns {missing}")
    found: list[Difference] = []
    rows = [_by_key(table, frame.select(columns), keys, found) for frame in (left, right)]
    for key in sorted(rows[0].keys() | rows[1].keys(), key=repr):
        ours, theirs = rows[0].get(key), rows[1].get(key)
        named = dict(zip(keys, key, strict=True))
        if ours is None or theirs is None:
            found.append(Difference(table, named, None, ours, theirs))
        else:
            found += [
                Difference(table, named, name, ours[name], theirs[name])
                for name in columns
                if not is_same(ours[name], theirs[name])
            ]
    return found


def _by_key(table: str, frame: pl.DataFrame, keys: Sequence[str], found: list[Difference]) -> dict[Key, dict[str, Any]]:
    rows: dict[Key, dict[str, Any]] = {}
    for row in frame.iter_rows(named=True):
        key = tuple(row[name] for name in keys)
        if key in rows:
            found.append(Difference(table, dict(zip(keys, key, strict=True)), None, "twice", row))
        rows[key] = row
    return rows


def is_same(left: Any, right: Any) -> bool:
    """Exactly, but for the last digits of a number with a fraction."""
    if isinstance(left, float) or isinstance(right, float):
        if left is None or right is None:
            return False
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_same(left[name], right[name]) for name in left)
    return bool(left == right)


def report(differences: Sequence[Difference], most: int = 20) -> str:
    lines = [str(one) for one in differences[:most]]
    more = len(differences) - len(lines)
    return "\n".join([*lines, *([f"… and {more} more"] if more > 0 else [])])
