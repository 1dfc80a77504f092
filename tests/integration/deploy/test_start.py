"""What compose starts, started as compose says: in production mode, with no login but its own, from files."""

from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from core.database.address import SERVICE_ROLES, password_setting
from core.settings import Settings
from local.ports import find_free, is_free
from tests.harness.deployment import Process, processes
from tests.harness.member import Member
from tests.harness.pipeline import Pipeline
from tests.harness.waiting import wait_until

PORTS = {"lrs serve": "LYCEUM_LRS_PORT", "ingest serve": "LYCEUM_INGEST_PORT"}
OF_COMPOSE = {process.command: process for process in processes() if process.place.startswith("compose")}


def write_secrets(settings: Settings, folder: Path) -> None:
    given = {f"database_{password_setting(role)}": getattr(settings.database, password_setting(role))
             for role in SERVICE_ROLES}  # fmt: skip
    folder.mkdir()
    for name, secret in {**given, "secret_key": settings.secret_key}.items():
        assert isinstance(secret, SecretStr)
        (folder / name).write_text(secret.get_secret_value(), encoding="utf-8")


def told(process: Process, pipeline: Pipeline) -> dict[str, str]:
    """As compose tells it, but for where the servers, the secrets and the files are here."""
    place = conninfo_to_dict(pipeline.database.url)
    here = {"/run/secrets/": f"{pipeline.folder}/secrets/", "file:///var/lib/": f"file://{pipeline.folder}/"}
    variables = dict(process.variables)
    for there, instead in here.items():
        variables = {name: value.replace(there, instead) for name, value in variables.items()}
    return variables | {
        "LYCEUM_HOME": str(pipeline.folder / "home"),
        "LYCEUM_DATABASE_URL": f"postgresql://{place['host']}:{place['port']}/{place['dbname']}",
        "LYCEUM_KAFKA_BOOTSTRAP": str(pipeline.kafka.bootstrap),
        "LYCEUM_KAFKA_TOPIC_PREFIX": pipeline.kafka.topic_prefix,
    }


def start(command: str, pipeline: Pipeline, port: int, *arguments: str) -> Member:
    process = OF_COMPOSE[command]
    variables = told(process, pipeline)
    if command in PORTS:
        variables[PORTS[command]] = str(port)
    log = pipeline.folder / f"{command.replace(' ', '-')}.log"
    return Member.start(arguments or process.arguments, variables, port, log)


@pytest.mark.parametrize("command", PORTS)
def test_start__with_no_login_but_its_own(pipeline: Pipeline, command: str) -> None:
    write_secrets(pipeline.server, pipeline.folder / "secrets")
    member = start(command, pipeline, find_free(set()))
    try:
        member.wait_ready()
        wait_until(lambda: httpx.get(f"{member.url}/health/ready", timeout=5).json()["status"] == "ok")
        assert member.metric("process_open_fds") > 0
    finally:
        member.end()


@pytest.mark.timeout(300)
def test_start__of_dagster(pipeline: Pipeline) -> None:
    write_secrets(pipeline.server, pipeline.folder / "secrets")
    code, pages = find_free(set()), find_free(set())
    members = [start("dagster code", pipeline, code, "dagster", "code", "--code-port", str(code))]
    try:
        # As compose and Kubernetes do: whoever asks before the code is served does not ask again.
        wait_until(lambda: not is_free(code), within=90, every=0.2)
        members.append(
            start("dagster web", pipeline, pages, "dagster", "web", "--code-port", str(code), "--port", str(pages))
        )
        wait_until(lambda: is_served(members[1]), within=60, every=0.2)
    finally:
        for member in members:
            member.end()


def is_served(pages: Member) -> bool:
    """With the code behind it, as one of its own questions shows."""
    question = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }"
    try:
        answer = httpx.post(f"{pages.url}/graphql", json={"query": question}, timeout=5)
    except httpx.TransportError:
        return False
    return '"RepositoryLocation"' in answer.text
