"""What a batch tells, folded to one row a key, on its way into temporary tables."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection, sql

from core.lms.facts import Fact
from core.lms.tables import HISTORIES, TABLES, History, Table, history_columns

Key = tuple[Any, ...]


class Told(NamedTuple):
    """A fact of an event that can be applied now."""

    tenant_id: int
    happened_at: datetime
    event_key: bytes
    fact: Fact


def prepare_staging(connection: Connection) -> None:
    """Once for each connection."""
    for name in (*(table.name for table in TABLES), *(history.name for history in HISTORIES)):
        connection.execute(
            f"create temporary table if not exists staged_{name} on commit delete rows as table lms.{name} with no data"
        )


def stage(connection: Connection, told: Iterable[Told]) -> set[str]:
    """The names of the tables that there is something for."""
    folded = Folded()
    entries: dict[History, set[Key]] = defaultdict(set)
    for one in told:
        for telling in one.fact.tells:
            folded.tell(one, telling.table, telling.key, telling.group, telling.values)
        for entry in one.fact.adds:
            entries[entry.history].add((one.tenant_id, one.happened_at, one.event_key, *entry.values))
    for table in folded.rows:
        _copy(connection, table.name, table.columns, folded.lines(table))
    for history, rows in entries.items():
        _copy(connection, history.name, history_columns(history), rows)
    return {table.name for table in folded.rows} | {history.name for history in entries}


class Folded:
    """Of what is told about a group of one key's columns, the last."""

    def __init__(self) -> None:
        self.rows: dict[Table, dict[Key, dict[str, Key]]] = defaultdict(lambda: defaultdict(dict))
        self._greatest: dict[tuple[Table, Key, str], Any] = {}

    def tell(self, told: Told, table: Table, key: Key, group: str, values: Key) -> None:
        whole_key = (told.tenant_id, *key)
        row = self.rows[table][whole_key]
        known = row.get(group)
        if known is None or (told.happened_at, told.event_key) > known[-2:]:
            row[group] = (*values, told.happened_at, told.event_key)
        for column, source in table.greatest.items():
            value = values[table.groups[group].index(source)]
            mark = (table, whole_key, column)
            self._greatest[mark] = max(value, self._greatest.get(mark, value))

    def lines(self, table: Table) -> Iterable[Key]:
        for key, row in self.rows[table].items():
            line = [*key]
            for group, columns in table.groups.items():
                line += row.get(group, (None,) * (len(columns) + 2))
            yield (*line, *(self._greatest[table, key, column] for column in table.greatest))


def _copy(connection: Connection, name: str, columns: Iterable[str], rows: Iterable[Key]) -> None:
    command = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(f"staged_{name}"), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    # What an earlier call in this transaction left.
    connection.execute(sql.SQL("delete from {}").format(sql.Identifier(f"staged_{name}")))
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)
