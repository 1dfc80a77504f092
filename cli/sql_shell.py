"""A small shell, where there is no psql: a statement ends with a semicolon."""

import readline  # noqa: F401 - gives input() its history and editing

import typer
from psycopg import Connection

from cli.context import problems, say
from cli.rows import print_query
from core.errors import UserError

HELP = """\
select …;         run a statement; Ctrl-C ends it
tables            what there is to read (\\d)
describe NAME     the columns of one (\\d NAME)
quit              leave (\\q, Ctrl-D)"""

TABLES = """
select table_schema as schema, table_name as name, obj_description(format('%I.%I', table_schema, table_name)::regclass)
    as description
from information_schema.tables
where table_schema in ('marts', 'tenant', 'lms') order by 1, 2
"""
COLUMNS = """
select attname as "column", format_type(atttypid, atttypmod) as type, col_description(attrelid, attnum) as description
from pg_attribute where attrelid = '{name}'::regclass and attnum > 0 and not attisdropped order by attnum
"""


def run_shell(connection: Connection, slug: str) -> None:
    say("help shows what can be done, quit leaves.")
    while (text := _read(slug)) is not None:
        if text in {"quit", "exit", "\\q"}:
            return
        try:
            _obey(connection, text)
        except UserError as error:
            problems.print(str(error), markup=False, soft_wrap=True)
        except KeyboardInterrupt:
            say("Ended.")


def _obey(connection: Connection, text: str) -> None:
    command, _, argument = text.partition(" ")
    if command in {"help", "\\?"}:
        say(HELP)
    elif command == "tables" or text == "\\d":
        print_query(connection, TABLES, "table")
    elif command in {"describe", "\\d"}:
        print_query(connection, COLUMNS.format(name=argument.strip().replace("'", "''")), "table")
    elif text:
        print_query(connection, text, "table")


def _read(slug: str) -> str | None:
    """A command, or all lines up to a semicolon; none at the end."""
    lines: list[str] = []
    while True:
        try:
            lines.append(input(f"{slug}{'-' if lines else '='}> "))
        except EOFError:
            return None
        except KeyboardInterrupt:
            typer.echo()
            return ""
        text = "\n".join(lines).strip()
        if text.endswith(";") or not text or text.split()[0].lower() in COMMANDS:
            return text.rstrip(";").strip()


COMMANDS = {"help", "\\?", "tables", "describe", "\\d", "quit", "exit", "\\q"}
