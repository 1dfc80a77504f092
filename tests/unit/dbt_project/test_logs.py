"""Who reads a log of touched keys waits for everybody who adds to it: else what is added meanwhile would be missed."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from dbt.contracts.graph.manifest import Manifest

from core.settings import load_settings
from orchestration.dbt import PROJECT, Dbt

# Reader and writer: what the one shows is not made from the other, so that it misses nothing.
APART = {
    ("mart_course_completion", "int_lessons_started"),
    *product(("dim_course", "dim_lesson", "dim_assessment"), ("int_enrolled_learners", "int_lessons_started")),
}
TOUCHED = re.compile(r"touched(?:_so_far)?\('(\w+)'")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    home = str(tmp_path_factory.mktemp("home"))
    variables = {
        "LYCEUM_HOME": home, "LYCEUM_DATABASE_URL": "postgresql://nowhere/none",
        "LYCEUM_DATABASE_PASSWORD_TRANSFORM": "unused",
    }  # fmt: skip
    return Dbt(load_settings(variables).settings).manifest


def test_logs__readers_wait_for_writers(manifest: Manifest) -> None:
    writers = {(log, node) for node in models(manifest) for log in logs_written(manifest.nodes[node])}
    readers = {(log, node) for node in models(manifest) for log in logs_read(manifest.nodes[node])}
    before = {node: ancestors(manifest, node) for _, node in writers | readers}
    astray = [
        f"{reader} reads {log} and does not wait for {writer}"
        for log, reader in sorted(readers)
        for written, writer in sorted(writers)
        if log == written
        and reader != writer
        and writer not in before[reader]
        and reader not in before[writer]
        and (reader.split(".")[-1], writer.split(".")[-1]) not in APART
    ]
    assert astray == []


def test_logs__each_is_declared(manifest: Manifest) -> None:
    used = {log for node in models(manifest) for log in logs_written(manifest.nodes[node])}
    used |= {log for node in models(manifest) for log in logs_read(manifest.nodes[node])}
    assert used <= declared_logs()


def models(manifest: Manifest) -> Iterator[str]:
    return (name for name, node in manifest.nodes.items() if str(node.resource_type) == "model")


def logs_written(node: Any) -> set[str]:
    if node.config.materialized == "log":
        return {node.name.removeprefix("touched_")}
    touches = set(node.config.get("touches") or {})
    return touches | {"learners"} if "log_viewers()" in node.raw_code else touches


def logs_read(node: Any) -> set[str]:
    return set(TOUCHED.findall(node.raw_code))


def declared_logs() -> set[str]:
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    return set(re.findall(r"^    (\w+): \{", text.split("  logs:")[1], re.MULTILINE))


def ancestors(manifest: Manifest, node: str) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        parents = set(manifest.parent_map[waiting.pop()]) - found
        found |= parents
        waiting += parents
    return found
