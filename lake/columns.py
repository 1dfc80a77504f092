"""PostgreSQL's columns as Arrow's, by way of CSV."""

from typing import NamedTuple

import pyarrow as pa

# What CSV brings, and what becomes of it. Times travel as numbers, since there are times that no parser reads.
KINDS: dict[str, tuple[str, pa.DataType, pa.DataType]] = {
    "boolean": ("{}", pa.bool_(), pa.bool_()),
    "smallint": ("{}", pa.int32(), pa.int32()),
    "integer": ("{}", pa.int32(), pa.int32()),
    "bigint": ("{}", pa.int64(), pa.int64()),
    "real": ("{}", pa.float64(), pa.float64()),
    "double precision": ("{}", pa.float64(), pa.float64()),
    "numeric": ("{}::double precision", pa.float64(), pa.float64()),
    "date": ("{} - date '1970-01-01'", pa.int32(), pa.date32()),
    "timestamp with time zone": (
        "(extract(epoch from {}) * 1000000)::bigint", pa.int64(), pa.timestamp("us", tz="UTC"),
    ),
    "interval": ("extract(epoch from {})::double precision", pa.float64(), pa.float64()),
}  # fmt: skip
TEXT = ("{}::text", pa.string(), pa.string())


class Column(NamedTuple):
    name: str
    # As format_type says it. What is not listed above is text.
    type: str
    description: str | None = None

    @property
    def expression(self) -> str:
        return self._kind[0].format(quoted(self.name))

    @property
    def carried(self) -> pa.DataType:
        return self._kind[1]

    @property
    def field(self) -> pa.Field:
        return pa.field(self.name, self._kind[2])

    @property
    def _kind(self) -> tuple[str, pa.DataType, pa.DataType]:
        return KINDS.get(self.type.partition("(")[0], TEXT)


def quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
