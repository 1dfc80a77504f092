"""A server whose folder lies on a file system of a few megabytes of its own.

It is mounted in a namespace, where everybody may mount: no root is needed, and nobody else sees it.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from local.command import Command, Privileges
from local.launch import unprivileged_id
from tests.harness.own_servers import Servant

MIB = 1 << 20
# What is there moves in. The namespace lives as long as this, and this as long as its input is open.
KEEP = """
set -e
mkdir -p "$2"
mount -t tmpfs -o "size=$3m,mode=700" tmpfs "$2"
cp -a "$1/." "$2"
mount --bind "$2" "$1"
echo mounted
exec cat
"""


@dataclass(frozen=True)
class SmallDisk:
    folder: Path
    keeper: "subprocess.Popen[bytes]"

    @property
    def _ballast(self) -> Path:
        """As it is seen from outside."""
        return Path(f"/proc/{self.keeper.pid}/root{self.folder}/ballast")

    def fill(self) -> int:
        """To the last byte. How many it took."""
        taken = 0
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                taken += file.write(bytes(MIB))
        return taken

    def clear(self) -> None:
        self._ballast.unlink()

    def inside(self, command: Command) -> Command:
        """Nobody special there: PostgreSQL refuses to run as root."""
        number = str(unprivileged_id())
        entered = ("nsenter", "--preserve-credentials", "--user", "--mount", f"--target={self.keeper.pid}", "--")
        nobody = ("unshare", "--user", f"--map-user={number}", f"--map-group={number}", "--")
        return replace(command, arguments=(*entered, *nobody, *command.arguments), privileges=Privileges.SAME)


@contextmanager
def on_small_disk(servant: Servant, folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Before it is started."""
    aside = folder.with_name(f"{folder.name}-small")
    keeper = subprocess.Popen(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", KEEP, "sh", folder, aside, str(megabytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with keeper:
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == b"mounted\n", "user namespaces are needed, in which a folder can be mounted"
        disk = SmallDisk(folder, keeper)
        servant.command = disk.inside(servant.command)
        try:
            yield disk
        finally:
            keeper.kill()
