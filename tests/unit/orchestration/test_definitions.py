"""The code location, as Dagster loads it: without a network, a secret, or a database."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.manifest import MANIFEST, ensure_manifest

ROOT = Path(__file__).parents[3]
# Anything that would reach out fails.
LOAD = """
import socket

def refuse(*_):
    raise AssertionError("the code location reaches out")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
import json
from orchestration.definitions import defs

repository = defs.get_repository_def()
graph = repository.asset_graph
print(json.dumps({
    "assets": sorted(key.to_user_string() for key in graph.get_all_asset_keys()),
    "groups": {key.to_user_string(): graph.get(key).group_name for key in graph.get_all_asset_keys()},
    "checks": sorted(f"{key.asset_key.to_user_string()}: {key.name}" for key in graph.asset_check_keys),
    "fresh": sorted(key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).freshness_policy),
    "jobs": sorted(repository.job_names),
    "schedules": sorted(one.name for one in repository.schedule_defs),
    "sensors": sorted(one.name for one in repository.sensor_defs),
}))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, object]:
    ensure_manifest()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD], cwd=ROOT, env={"HOME": "/nonexistent"}, check=False,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def nodes(kind: str) -> list[dict[str, object]]:
    manifest = json.loads(MANIFEST.read_text())
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


def test_assets__keys_and_groups_mirror_the_folders(loaded: dict[str, dict[str, str]]) -> None:
    models = nodes("model")
    assert len(models) > 40
    for node in models:
        path = Path(str(node["original_file_path"])).relative_to("models").with_suffix("")
        assert loaded["groups"][str(path)] == "_".join(path.parts[:-1])


def test_assets__sources_are_the_topics_and_tables(loaded: dict[str, list[str]]) -> None:
    assert {"kafka/statements_v1", "xapi/statements", "lms/enrollments"} <= set(loaded["assets"])


def test_assets__every_mart_says_when_it_is_too_old(loaded: dict[str, list[str]]) -> None:
    made = {name for name in loaded["assets"] if name.startswith("marts/") and name != "marts/refreshes"}
    assert set(loaded["fresh"]) == made


def test_checks__every_test_of_dbt_is_one(loaded: dict[str, list[str]]) -> None:
    names = {check.partition(": ")[2] for check in loaded["checks"]}
    assert {str(node["name"]) for node in nodes("test")} <= names
    assert {"ingest_lag", "ids_equal_statements", "dead_letters", "unmapped_share", "refresh_behind"} <= names


def test_jobs__all_are_there(loaded: dict[str, list[str]]) -> None:
    wanted = {
        "keep_marts",
        "rebuild_tenant",
        "rebuild_all",
        "upkeep",
        "sync_people",
        "export_lake",
        "watch",
        "check_marts",
    }
    wanted |= {"publish_dashboards"}
    assert wanted <= set(loaded["jobs"])
    assert set(loaded["sensors"]) == {
        "marts_are_kept",
        "tenants_are_known",
        "dashboards_follow_their_files",
        "tell_of_failures",
    }
    assert len(loaded["schedules"]) == 5


def test_dictionary__the_page_is_as_dbt_describes_the_marts() -> None:
    ensure_manifest()
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cli", "marts", "dictionary"], cwd=ROOT, check=True, capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    assert page == done.stdout, "`lyceum marts dictionary > docs/data-dictionary.md`"


def test_models__each_is_described_and_so_is_every_column() -> None:
    ensure_manifest()
    models = nodes("model")
    assert [node["name"] for node in models if not node["description"]] == []
    columns = [column for node in models for column in dict(node["columns"]).values()]  # type: ignore[call-overload]
    assert [column["name"] for column in columns if not column["description"]] == []
