"""`lyceum doctor`: looks at everything the platform stands on and says what to do for each failing line."""

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Literal
from urllib.request import urlopen

import typer
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from psycopg import Connection, OperationalError, connect
from rich.markup import escape

from cli.context import JSON_OPTION, out, print_json, settings
from core.database.address import SERVICE_ROLES, admin_conninfo, connect_admin, describe, role_conninfo
from core.database.edition import can_have_timescaledb, detect_edition
from core.database.migrate import pending_migrations
from core.errors import UserError
from core.kafka import client_options
from core.settings import DEFAULT_LRS_PORT, Settings
from core.topics import check_topics
from local.home import Home
from local.ports import is_free

State = Literal["ok", "warning", "failed"]
MARKS: dict[State, str] = {
    "ok": "[green]ok[/green]     ",
    "warning": "[yellow]warning[/yellow]",
    "failed": "[red]failed[/red] ",
}
LOW_DISK_GIB = 2


@dataclass(frozen=True)
class Finding:
    subject: str
    state: State
    found: str
    remedy: str = ""


def examine(as_json: bool = JSON_OPTION) -> None:
    """Check versions, disk, database, roles, migrations and broker. Exit 3 when a line failed.

    Example: `lyceum doctor` · `lyceum doctor --json | jq '.[] | select(.state != "ok")'`
    """
    findings = list(_findings(settings()))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            out.print(f"{MARKS[finding.state]}  {finding.subject:<12} {escape(finding.found)}", soft_wrap=True)
            if finding.remedy:
                out.print(f"{'':>9}{'':<13}→ {escape(finding.remedy)}", soft_wrap=True)
    if any(finding.state == "failed" for finding in findings):
        raise typer.Exit(3)


def _findings(current: Settings) -> Iterator[Finding]:
    checks: list[Callable[[Settings], Iterator[Finding]]] = [_machine, _ports, _database, _broker, _lrs]
    for check in checks:
        try:
            yield from check(current)
        except UserError as error:
            yield Finding(check.__name__.removeprefix("_"), "failed", error.message, error.remedy)


def _machine(current: Settings) -> Iterator[Finding]:
    yield Finding("lyceum", "ok", f"{version('lyceum')}, Python {platform.python_version()}, mode {current.mode}")
    place = current.home if current.home.exists() else current.home.absolute().parent
    free = shutil.disk_usage(place).free / 2**30
    if free < LOW_DISK_GIB:
        yield Finding("disk", "warning", f"{free:.1f} GiB free at {place}", f"Free at least {LOW_DISK_GIB} GiB.")
    else:
        yield Finding("disk", "ok", f"{free:.0f} GiB free at {place}")


def _ports(current: Settings) -> Iterator[Finding]:
    """Only given ports can be a trouble: else a free one is found."""
    if Home(current.home).holder() is not None:
        yield Finding("ports", "ok", "held by the processes of this home folder, which are running")
        return
    given = {"DATABASE": current.database.port, "KAFKA": current.kafka.port, "LRS": current.lrs.port}
    busy = [f"LYCEUM_{name}_PORT={port}" for name, port in given.items() if port and not is_free(port)]
    if busy:
        yield Finding("ports", "failed", f"busy: {', '.join(busy)}", "Stop what uses them, or unset the setting.")
    else:
        yield Finding("ports", "ok", "free, or found free at the start")


def _lrs(current: Settings) -> Iterator[Finding]:
    address = f"http://127.0.0.1:{current.lrs.port or DEFAULT_LRS_PORT}/health/ready"
    try:
        with urlopen(address, timeout=3) as response:
            yield Finding("lrs", "ok", f"ready at {address.removesuffix('/health/ready')} ({response.status})")
    except OSError as error:
        yield Finding("lrs", "warning", f"{address} does not answer: {error}", "Start it: `lyceum up`.")


def _database(current: Settings) -> Iterator[Finding]:
    with connect_admin(current.database, autocommit=True) as connection:
        edition = detect_edition(connection)
        number = f"{edition.server_version // 10000}.{edition.server_version % 10000}"
        extension = f", timescaledb {edition.timescaledb}" if edition.timescaledb else ""
        place = describe(admin_conninfo(current.database))
        yield Finding("database", "ok", f"{edition.name} ({number}{extension}) at {place}: {edition.consequence}")
        if edition.timescaledb is None and can_have_timescaledb(connection):
            yield Finding("database", "warning", "TimescaleDB is there but not used", "Run `lyceum migrate`.")
        yield _durability(connection)
    yield _migrations(current)
    for role in SERVICE_ROLES:
        yield _role(current, role)


def _durability(connection: Connection) -> Finding:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    off = [
        name for name in names if connection.execute("select current_setting(%s) = 'off'", [name]).fetchone() == (True,)
    ]
    if off:
        return Finding(
            "durability", "failed", f"off: {', '.join(off)}", "Turn on: acknowledged statements could be lost."
        )
    return Finding("durability", "ok", "commits are on disk when they return")


def _migrations(current: Settings) -> Finding:
    pending = pending_migrations(current.database)
    if pending:
        return Finding(
            "migrations", "failed", f"{len(pending)} to apply: {', '.join(pending)}", "Run `lyceum migrate`."
        )
    return Finding("migrations", "ok", "up to date")


def _role(current: Settings, role: str) -> Finding:
    try:
        with connect(role_conninfo(current.database, role), autocommit=True) as connection:
            row = connection.execute(
                "select rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = current_user"
            ).fetchone()
    except UserError as error:
        return Finding("role", "warning", error.message, error.remedy)
    except OperationalError as error:
        return Finding(
            "role", "failed", f"{role} cannot log in: {str(error).splitlines()[-1]}", "Run `lyceum migrate`."
        )
    if row != (False,):
        return Finding(
            "role", "failed", f"{role} may do more than it should", "Run `lyceum migrate`, which tightens it."
        )
    return Finding("role", "ok", f"{role} can log in and is subject to row-level security")


def _broker(current: Settings) -> Iterator[Finding]:
    if current.kafka.bootstrap is None:
        yield Finding(
            "broker",
            "failed",
            "No broker is known: LYCEUM_KAFKA_BOOTSTRAP is not set and no embedded one is running.",
            "Start one with `lyceum up`, or set LYCEUM_KAFKA_BOOTSTRAP.",
        )
        return
    try:
        admin = KafkaAdminClient(**client_options(current.kafka))
        cluster = admin.describe_cluster()
        admin.close()
    except KafkaError as error:
        yield Finding(
            "broker",
            "failed",
            f"{current.kafka.bootstrap} does not answer: {error}",
            "Is it running, and are LYCEUM_KAFKA_BOOTSTRAP and its security settings right?",
        )
        return
    yield Finding(
        "broker",
        "ok",
        f"{len(cluster['brokers'])} broker(s) at {current.kafka.bootstrap}, cluster {cluster['cluster_id']}",
    )
    faults = [f"{state.name}: {fault}" for state in check_topics(current.kafka) for fault in state.faults]
    if faults:
        yield Finding("topics", "failed", " ".join(faults), "Run `lyceum topics create`; docs/kafka.md has the rest.")
    else:
        yield Finding("topics", "ok", "all there, set up so that what is acknowledged is on disk")
