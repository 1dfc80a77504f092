"""What is measured: the embedded database and a real `lyceum lrs serve`, in a home of their own."""

import base64
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import defpath, getpid
from pathlib import Path

import psutil
from psycopg import Connection, connect, sql
from psycopg.conninfo import make_conninfo

from core.credentials import NewCredential, create_credential
from core.database.address import admin_conninfo, connect_admin
from core.database.migrate import migrate
from core.secrets import SecretKey
from core.settings import Settings, load_settings
from core.tenants import NewTenant, create_tenant

HOST = "127.0.0.1"
READY_SECONDS = 60


@dataclass(frozen=True)
class Access:
    tenant_id: int
    credential_id: str
    authorization: str


@dataclass(frozen=True)
class Lrs:
    port: int
    process: psutil.Process


@contextmanager
def embedded_database(home: Path | None = None, *, with_broker: bool = False) -> Iterator[Settings]:
    """A given home is kept, and used again with what is in it."""
    parts = "database,kafka,topics" if with_broker else "database"
    with tempfile.TemporaryDirectory(prefix="lyceum-bench-") as temporary:
        folder = home or Path(temporary)
        run_lyceum(folder, "up", "--detach", "--only", parts, "--until-exit-of", str(getpid()))
        try:
            settings = load_settings({"LYCEUM_HOME": str(folder)}).settings
            migrate(settings.database)
            yield settings
        finally:
            run_lyceum(folder, "down")


@contextmanager
def make_database(settings: Settings, name: str) -> Iterator[Connection]:
    """Anew, beside ours on the same server."""
    with connect_admin(settings.database, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    with connect(make_conninfo(admin_conninfo(settings.database), dbname=name), autocommit=True) as connection:
        yield connection


def make_access(settings: Settings) -> Access:
    """A new tenant and a credential that may do everything."""
    key, slug = SecretKey(settings.secret_key), f"bench-{secrets.token_hex(4)}"
    with connect_admin(settings.database) as connection:
        tenant = create_tenant(connection, NewTenant(slug, slug), key)
        issued = create_credential(connection, slug, NewCredential("bench", ["all"]), key, "https://lms.example.org")
    login = f"{issued.credential.key_id}:{issued.secret}".encode()
    authorization = f"Basic {base64.b64encode(login).decode()}"
    return Access(tenant.tenant_id, str(issued.credential.credential_id), authorization)


@contextmanager
def serving(settings: Settings, **variables: str) -> Iterator[Lrs]:
    port = unused_port()
    process = _serve(settings, "lrs", LYCEUM_LRS_PORT=str(port), **variables)
    try:
        wait_until_answers(f"http://{HOST}:{port}/health/ready", process)
        yield Lrs(port, psutil.Process(process.pid))
        if process.poll() is not None:
            raise RuntimeError("the LRS ended while it was measured")
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def ingesting(settings: Settings) -> Iterator[psutil.Process]:
    process = _serve(settings, "ingest", LYCEUM_INGEST_PORT=str(unused_port()))
    try:
        yield psutil.Process(process.pid)
        if process.poll() is not None:
            raise RuntimeError("ingest ended while it was measured")
    finally:
        process.terminate()
        process.wait(30)


def _serve(settings: Settings, room: str, **variables: str) -> "subprocess.Popen[bytes]":
    given = {"LYCEUM_HOME": str(settings.home), "LYCEUM_LOG_LEVEL": "warning", **variables}
    arguments = [f"{name}={value}" for name, value in given.items()]
    return subprocess.Popen([sys.executable, "-m", "bench.serve", room, *arguments], env=environment(settings.home))


def postmaster(settings: Settings) -> psutil.Process:
    (file,) = settings.home.glob("data/*/postmaster.pid")
    return psutil.Process(int(file.read_text(encoding="ascii").splitlines()[0]))


def run_lyceum(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], env=environment(home), check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"lyceum {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def environment(home: Path) -> Mapping[str, str]:
    """No setting of another installation gets mixed in."""
    return {"PATH": defpath, "HOME": str(Path.home()), "LYCEUM_HOME": str(home)}


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def wait_until_answers(url: str, process: subprocess.Popen[bytes], within: float = READY_SECONDS) -> None:
    deadline = time.monotonic() + within
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers at {url}")
