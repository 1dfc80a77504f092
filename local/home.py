"""The home folder: data, logs, generated secrets and what runs now."""

import fcntl
import os
import secrets
import shutil
import threading
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from core.errors import UserError
from core.private import write_private
from core.settings import home_files

# `holder` takes the lock to see whether it is free.
HELD_FOR_AN_INSTANT = 0.2
LEAST_FREE_BYTES = 1 << 30
GENERATED_SECRETS = (
    "secret_key",
    "database.password_lrs",
    "database.password_ingest",
    "database.password_transform",
    "database.password_operator",
    "database.password_dagster",
    "database.password_superset",
)


@dataclass
class Home:
    folder: Path
    _lock: int | None = field(default=None, repr=False)
    _publishing: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    @property
    def ports_file(self) -> Path:
        return self.run / "ports.json"

    @property
    def secrets_file(self) -> Path:
        return home_files(self.folder)[0]

    @property
    def endpoints_file(self) -> Path:
        return home_files(self.folder)[1]

    @property
    def demo(self) -> Path:
        return self.folder / "demo"

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def create(self) -> None:
        for folder in (self.folder, self.data, self.folder / "logs", self.run):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(
                    f"The home folder {self.folder} cannot be made: {error.strerror}.",
                    "Set LYCEUM_HOME to a folder you may write to.",
                ) from error

    def require_space(self, least: int = LEAST_FREE_BYTES) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < least:
            raise UserError(
                f"The disk of {self.folder} is full: {free >> 20} MiB are free, {least >> 20} MiB are needed.",
                "Free some space, or set LYCEUM_HOME to a folder on another disk.",
            )

    def lock(self) -> None:
        """Held until this process ends, however it ends; children do not inherit it."""
        descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + HELD_FOR_AN_INSTANT
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise UserError(
                    f"The home folder {self.folder} is in use by process {self._lock_text()}.",
                    "Stop it with `lyceum down`, or set LYCEUM_HOME to another folder.",
                )
            time.sleep(0.01)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._lock = descriptor

    def holder(self) -> int | None:
        """The supervisor's process, when one runs."""
        try:
            descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            return None if _try_lock(descriptor, fcntl.LOCK_SH) else int(self._lock_text())
        finally:
            os.close(descriptor)

    def _lock_text(self) -> str:
        return (self.run / "lock").read_text(encoding="ascii") or "0"

    def keep_secrets(self) -> None:
        """Generates what is missing, once; what is there stays."""
        kept = read_flat(self.secrets_file)
        missing = {path: secrets.token_urlsafe(32) for path in GENERATED_SECRETS if path not in kept}
        if missing:
            write_private(self.secrets_file, tomli_w.dumps(nested(kept | missing)))

    def publish(self, values: Mapping[str, str]) -> None:
        """Processes that start at the same time publish at the same time."""
        with self._publishing:
            published = read_flat(self.endpoints_file) | dict(values)
            write_private(self.endpoints_file, tomli_w.dumps(nested(published)))

    def unpublish(self) -> None:
        self.endpoints_file.unlink(missing_ok=True)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_flat(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    flat: dict[str, str] = {}
    for key, value in document.items():
        flat |= {f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, dict) else {key: value}
    return flat


def nested(flat: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path, value in flat.items():
        section, _, name = path.rpartition(".")
        (document.setdefault(section, {}) if section else document)[name] = value
    return document
