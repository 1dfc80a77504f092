"""Dagster's home: where it keeps its runs, where its code is served, how many runs there may be at once."""

import json
from pathlib import Path

from core.database.address import role_conninfo, sqlalchemy_url
from core.settings import Settings

# Not one of our settings, which begin otherwise.
STORAGE_VARIABLE = "DAGSTER_STORAGE_URL"
ROLE = "lyceum_dagster"
HOST = "127.0.0.1"


def write_home(folder: Path, code_port: int) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / "dagster.yaml", {
        "storage": {"postgres": {"postgres_url": {"env": STORAGE_VARIABLE}}},
        "run_coordinator": {
            "module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator",
            "config": {"max_concurrent_runs": 3, "tag_concurrency_limits": [
                {"key": "lyceum/marts", "limit": 1}, {"key": "lyceum/upkeep", "limit": 1},
            ]},
        },
        "run_monitoring": {"enabled": True, "start_timeout_seconds": 120, "poll_interval_seconds": 30},
        "run_retries": {"enabled": True, "max_retries": 0},
        "retention": {
            "schedule": {"purge_after_days": 7},
            "sensor": {"purge_after_days": {"skipped": 1, "success": 7}},
        },
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        "local_artifact_storage": {
            "module": "dagster.core.storage.root", "class": "LocalArtifactStorage",
            "config": {"base_dir": str(folder / "artifacts")},
        },
        "compute_logs": {
            "module": "dagster.core.storage.local_compute_log_manager", "class": "LocalComputeLogManager",
            "config": {"base_dir": str(folder / "logs")},
        },
    })  # fmt: skip
    _write(folder / "workspace.yaml", {
        "load_from": [{"grpc_server": {"host": HOST, "port": code_port, "location_name": "lyceum"}}]
    })  # fmt: skip


def storage_url(settings: Settings) -> str:
    """As a role that owns the schema `dagster` and nothing else."""
    return sqlalchemy_url(role_conninfo(settings.database, ROLE), options="-csearch_path=dagster")


def _write(path: Path, content: object) -> None:
    # JSON is YAML, too.
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
