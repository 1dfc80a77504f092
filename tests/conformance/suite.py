"""Runs the public xAPI conformance suite against this LRS: both versions, both databases, and through Kafka.

    make conformance SUITE=<checkout of yetanalytics/lrs-conformance-test-suite at 5bc232d, after `npm install`>

Not a test of its own: the suite is no part of this repository. What it asks stands in the tests beside, in our words.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from local.ports import find_free
from tests.harness.database import cloned
from tests.harness.lrs import running_lrs
from tests.harness.pipeline import laid
from tests.harness.servers import EDITIONS, running_settings

EXPECTED = {"1.0.3": 1365, "2.0.0": 1435}
# Without an answer it knows, the 2.0 run waits for ever.
LIMIT_SECONDS = 900


def main(suite: Path) -> None:
    runner = suite / "bin" / "console_runner.js"
    if not runner.exists() or not (suite / "node_modules").exists():
        sys.exit(f"SUITE={suite} is no checkout of the suite with its packages: {__doc__}")
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        for way, fresh in WAYS.items():
            for version, expected in EXPECTED.items():
                with fresh(Path(folder)) as target:
                    summary = run(suite, target, version)
                sys.stdout.write(f"{way:<25} {version}  passed {summary['passed']} of {summary['total']}\n")
                # A failing `before` hook drops tests without a word: so all that are expected must be there.
                is_good &= summary["passed"] == summary["total"] == expected
    sys.exit(0 if is_good else 1)


class Target(NamedTuple):
    url: str
    key: str
    secret: str


@contextmanager
def direct(edition: str, folder: Path) -> Iterator[Target]:
    """On an empty database, straight into it."""
    server = running_settings(folder / "servers", edition, os.getpid())
    with (
        cloned(server, edition, folder / "servers") as database,
        running_lrs(server, database, find_free(set()), folder / "lrs.log", LYCEUM_LRS_ACCESS_LOG="false") as lrs,
        lrs.client(database.tenant("suite")) as client,
    ):
        yield Target(lrs.url, *client.credentials)


@contextmanager
def through_kafka(folder: Path) -> Iterator[Target]:
    """On empty topics and an empty database."""
    server = running_settings(folder / "servers", EDITIONS[0], os.getpid())
    with cloned(server, EDITIONS[0], folder / "servers") as database, laid(server, database, folder) as pipeline:
        pipeline.start()
        yield Target(pipeline.lrs[0].url, *pipeline.school().credentials)


WAYS: dict[str, Callable[[Path], AbstractContextManager[Target]]] = {
    **{edition: partial(direct, edition) for edition in EDITIONS},
    "timescaledb through Kafka": through_kafka,
}


def run(suite: Path, target: Target, version: str) -> dict[str, int]:
    before = set((suite / "logs").glob("*.log"))
    done = subprocess.run(
        [
            "node",
            "bin/console_runner.js",
            "-e",
            f"{target.url}/xAPI",
            "-a",
            "-u",
            target.key,
            "-p",
            target.secret,
            "-x",
            version,
        ],
        cwd=suite,
        check=False,
        timeout=LIMIT_SECONDS,
        stdout=subprocess.PIPE,
        text=True,
    )
    (log,) = set((suite / "logs").glob("*.log")) - before
    report = json.loads(log.read_text(encoding="utf-8"))
    # It holds the credential.
    log.unlink()
    for path in failed(report.get("log", {}), ()):
        sys.stdout.write(f"  failed: {' > '.join(path)[-300:]}\n")
    summary: dict[str, int] = report["summary"]
    if "passed" not in summary:
        said = done.stdout.replace(target.secret, "…")[-2000:]
        sys.stdout.write(f"  ended with {done.returncode} before its end, having said:\n{said}\n")
    return {"passed": 0, "total": 0} | summary


def failed(node: dict[str, object], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    here = (*path, str(node.get("title") or node.get("name") or ""))
    children = node.get("tests")
    if isinstance(children, list) and children:
        for child in children:
            yield from failed(child, here)
    elif node.get("status") != "passed":
        yield here


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ""))
