"""What an installation keeps to itself, in every form in which it may come out, and where it does."""

import base64
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.secrets import SecretKey
from core.settings import Settings
from core.tenants import Tenant
from local.home import Home, read_flat

LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Hidden:
    """Secrets by what they are called."""

    secrets: Mapping[str, str]

    def named_in(self, content: bytes) -> set[str]:
        return {name for name, secret in self.secrets.items() if any(form in content for form in forms(secret))}

    def files_below(self, folder: Path) -> dict[str, set[str]]:
        """Which files hold which. There may be gigabytes, so grep finds the files."""
        looked_for = b"\n".join(form for secret in self.secrets.values() for form in forms(secret))
        command = [
            "grep",
            "--recursive",
            "--binary",
            "--text",
            "--fixed-strings",
            "--files-with-matches",
            "--file=-",
            ".",
        ]
        done = subprocess.run(command, cwd=folder, input=looked_for, capture_output=True, check=False)
        assert done.returncode in {0, 1}, done.stderr.decode()
        names = [line.removeprefix("./") for line in done.stdout.decode().splitlines()]
        return {name: self.named_in((folder / name).read_bytes()) for name in names}


def hidden_of(home: Home, settings: Settings, tenants: list[Tenant], keys: Mapping[str, str]) -> Hidden:
    """What was generated, what is derived from it, and the keys that were handed out."""
    key = SecretKey(settings.secret_key)
    readers = {f"reader of {tenant.slug}": key.reader_password(tenant.reader) for tenant in tenants}
    admin = (home.data / "database-password").read_text(encoding="ascii")
    return Hidden(
        {
            **read_flat(home.secrets_file),
            **readers,
            **{f"key {name}": secret for name, secret in keys.items()},
            "admin": admin,
            "superset key": key.superset_key(),
        }
    )


def forms(secret: str) -> set[bytes]:
    """As it is, and as headers and dumps have it. Base64 of what something else comes before looks otherwise."""
    plain = secret.encode()
    shifted = [base64.b64encode(b"x" * before + plain)[4 if before else 0 : -4] for before in range(3)]
    return {plain, plain.hex().encode(), *shifted}


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """Those of every process of this machine, from now on, also of one that lives for an instant."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_EVERY):
            seen.update(_present())

    looking = threading.Thread(target=look, name="command lines")
    looking.start()
    try:
        yield seen
    finally:
        ended.set()
        looking.join()


def _present() -> Iterator[bytes]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield (folder / "cmdline").read_bytes()
            except OSError:
                continue
