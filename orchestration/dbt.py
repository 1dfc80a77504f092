"""dbt in this process: its manifest is read once and kept."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from psycopg.conninfo import conninfo_to_dict

from core.database.address import role_conninfo
from core.errors import UserError
from core.settings import Settings
from orchestration.checksums import checksums
from orchestration.connections import keep_connections
from orchestration.login import ROLE

PROJECT = Path(str(files("dbt_project")))

# A model that was made: its name, its state, and the seconds that it took.
Progress = Callable[[str, str, float], None]


class Verdict(NamedTuple):
    """On one of dbt's tests, or on how fresh a source is: pass, warn, fail or error."""

    unique_id: str
    status: str
    rows: int
    said: str
    seconds: float


class DbtFailedError(UserError):
    """Some model could not be made. What there was stays."""


class Dbt:
    def __init__(self, settings: Settings, progress: Progress | None = None) -> None:
        self._progress = progress or _nothing
        self._variables = _variables(settings)
        self._target = settings.home / "dbt"
        self._read: tuple[Manifest, dict[str, str]] | None = None
        keep_connections()

    @property
    def manifest(self) -> Manifest:
        return self._parsed()[0]

    @property
    def checksums(self) -> dict[str, str]:
        """Of what was read: a run adds to the manifest, another process has it without that."""
        return self._parsed()[1]

    def _parsed(self) -> tuple[Manifest, dict[str, str]]:
        if self._read is None:
            result = self._invoke(dbtRunner(), ["parse"]).result
            if not isinstance(result, Manifest):
                raise TypeError(f"dbt parse gave {type(result)}")
            self._read = result, checksums(result)
        return self._read

    def run(self, command: str, names: Sequence[str], *options: str, tenant_id: int | None = None) -> None:
        """`seed`, `run` or `test` for these names; none are none. `tenant_id`: the tenant that is made anew."""
        if names:
            runner = dbtRunner(manifest=self.manifest, callbacks=[self._note])
            self._invoke(runner, [command, "--select", *names, *options], tenant_id)

    def test(self) -> list[Verdict]:
        """Of all tests on the data: they fail without an error of ours."""
        return self._judge("test", "--exclude-resource-type", "unit_test")

    def look_at_sources(self) -> list[Verdict]:
        """Whether something came of late."""
        return self._judge("source", "freshness")

    def _judge(self, *command: str) -> list[Verdict]:
        runner = dbtRunner(manifest=self.manifest)
        with _environment(self._variables):
            result = runner.invoke([*command, *self._options()])
        if result.exception is not None:
            raise DbtFailedError(str(result.exception), "See the log; the marts are as they were.")
        return [
            Verdict(
                one.node.unique_id, str(one.status), getattr(one, "failures", 0) or 0, one.message or "",
                one.execution_time,
            )
            for one in getattr(result.result, "results", [])
        ]  # fmt: skip

    def _invoke(self, runner: dbtRunner, arguments: Sequence[str], tenant_id: int | None = None) -> dbtRunnerResult:
        tenant = {} if tenant_id is None else {"DBT_LYCEUM_TENANT": str(tenant_id)}
        with _environment(self._variables | tenant):
            result = runner.invoke([*arguments, *self._options()])
        if not result.success:
            raise DbtFailedError(_failure(result), "The marts are as they were. Run it again when that is mended.")
        return result

    def _options(self) -> list[str]:
        return [
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(self._target),
            "--log-path", str(self._target), "--log-level", "none", "--log-level-file", "none", "--no-write-json",
            "--no-version-check", "--no-use-colors",
        ]  # fmt: skip

    def _note(self, event: Any) -> None:
        if event.info.name == "NodeFinished":
            node, done = event.data.node_info, event.data.run_result
            self._progress(node.node_name, done.status, done.execution_time)


def _nothing(name: str, state: str, seconds: float) -> None:
    pass


def _variables(settings: Settings) -> dict[str, str]:
    parts = conninfo_to_dict(role_conninfo(settings.database, ROLE))
    named = {
        "DBT_LYCEUM_HOST": parts.get("host"), "DBT_LYCEUM_PORT": parts.get("port"),
        "DBT_LYCEUM_NAME": parts.get("dbname"), "DBT_LYCEUM_USER": ROLE,
        "DBT_ENV_SECRET_PASSWORD": parts.get("password"), "DBT_LYCEUM_SSLMODE": parts.get("sslmode"),
        "DBT_LYCEUM_SSLROOTCERT": parts.get("sslrootcert"),
    }  # fmt: skip
    return {name: str(value) for name, value in named.items() if value is not None}


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """dbt reads a profile's values from nowhere else. They are gone again afterwards."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _failure(result: dbtRunnerResult) -> str:
    found = [
        f"{one.node.name}: {' '.join(str(one.message).split())}"
        for one in getattr(result.result, "results", [])
        if one.status in {"error", "fail"}
    ]
    return "; ".join(found) or str(result.exception or "dbt failed")
