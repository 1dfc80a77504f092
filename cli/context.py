"""What every command needs: the settings, and a way to say things to people and to scripts."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any

import typer
from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.database.address import connect_admin
from core.errors import UserError
from core.logs import configure_logs
from core.settings import LoadedSettings, Settings, load_settings

out = Console(highlight=False)
problems = Console(stderr=True, highlight=False)

JSON_OPTION = typer.Option(False, "--json", help="Print JSON, for scripts.")


class Environment:
    """What `main` was started with. Nothing else reads the environment variables."""

    variables: Mapping[str, str] = {}
    debug = False


def loaded_settings() -> LoadedSettings:
    loaded = load_settings(Environment.variables)
    # A command speaks for itself; what libraries have to say is for --debug, and for services.
    configure_logs(loaded.settings.log.model_copy(update={"level": "debug" if Environment.debug else "warning"}))
    return loaded


def settings() -> Settings:
    return loaded_settings().settings


@contextmanager
def admin_connection() -> Iterator[Connection]:
    with connect_admin(settings().database) as connection:
        row = connection.execute("select to_regclass('control.tenants')").fetchone()
        if row is None or row[0] is None:
            raise UserError("The database is not migrated.", "Run `lyceum migrate`.")
        yield connection


def say(text: str) -> None:
    """One line of text as it is, not broken at the terminal's width."""
    out.print(escape(text), soft_wrap=True)


def print_json(value: Any) -> None:
    typer.echo(json.dumps(_plain(value), indent=2, default=str, ensure_ascii=False))


def print_table(columns: list[str], rows: list[list[Any]], empty: str) -> None:
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    out.print(table)


def print_facts(facts: Mapping[str, Any]) -> None:
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        out.print(f"[bold]{name:<{width}}[/bold]  {'' if value is None else escape(str(value))}", soft_wrap=True)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return [_plain(item) for item in value] if isinstance(value, list) else value
