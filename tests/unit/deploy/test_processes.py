"""What compose and Kubernetes start, held against the code: commands, settings, secrets, ports, health."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from psycopg.conninfo import conninfo_to_dict

from cli.main import COMMANDS
from core.database.address import SERVICE_ROLES, admin_conninfo, role_conninfo
from core.settings import DEFAULT_DAGSTER_PORT, DEFAULT_LRS_PORT, DEFAULT_SUPERSET_PORT, Settings, load_settings
from ingest.metrics import Metrics, Server
from local import services
from lrs.app import create_app
from tests.harness.deployment import DEPLOY, Process, compose, leaf, of_kind, processes

CODE_PORT = 8403
# Of the LRS's and ingest's, the code answers below; these are what `lyceum up` waits for, and Superset's own.
OTHERS_PATHS = {"/server_info": "dagster web", "/login/": "superset web", "/health": "superset web"}
ROLES = {
    "lrs serve": {"lyceum_lrs"},
    "ingest serve": {"lyceum_ingest"},
    "superset web": {"lyceum_superset", "lyceum_operator"},
    **{
        f"dagster {part}": {
            "lyceum_dagster", "lyceum_transform", "lyceum_ingest", "lyceum_superset", "lyceum_operator"
        } for part in ("code", "daemon", "web")
    },
    **{job: set(SERVICE_ROLES) for job in ("migrate", "topics create", "superset setup", "doctor")},
}  # fmt: skip
JOBS = {"migrate", "topics create", "superset setup", "doctor"}
# Not ours: uvicorn reads it.
FOREIGN = {"FORWARDED_ALLOW_IPS"}

every_process = pytest.mark.parametrize("process", processes(), ids=lambda process: process.place)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "secrets"
    make_secrets(folder)
    return folder


def make_secrets(folder: Path) -> None:
    subprocess.run(["sh", str(DEPLOY / "make-secrets.sh"), str(folder)], check=True)


def settings_of(process: Process, secrets: Path, home: Path) -> Settings:
    """As the process reads them, but for where its secrets lie."""
    told = {
        name: re.sub(r"^/run/secrets/(lyceum/)?", f"{secrets}/", value)
        for name, value in process.variables.items()
        if name not in FOREIGN
    }
    return load_settings(told, home).settings


@every_process
def test_command__is_one_with_these_arguments(process: Process) -> None:
    assert process.arguments[0] in COMMANDS
    command, rest = leaf(process.arguments)
    command.make_context(command.name, rest)


@every_process
def test_settings__are_known_valid_and_of_production(process: Process, secrets: Path, tmp_path: Path) -> None:
    assert {name for name in process.variables if not name.startswith("LYCEUM_")} <= FOREIGN
    settings = settings_of(process, secrets, tmp_path)
    assert settings.mode == "production"
    assert str(settings.home) == "/var/lib/lyceum"


@every_process
def test_logins__are_those_it_needs(process: Process, secrets: Path, tmp_path: Path) -> None:
    database = settings_of(process, secrets, tmp_path).database
    known = {role for role in SERVICE_ROLES if getattr(database, f"password_{role.removeprefix('lyceum_')}")}
    assert known == ROLES[process.command]
    assert all(conninfo_to_dict(role_conninfo(database, role))["user"] == role for role in known)
    assert ("user" in conninfo_to_dict(admin_conninfo(database))) == (process.command in JOBS)


@every_process
def test_secrets__are_mounted_where_they_are_looked_for(process: Process) -> None:
    looked_for = {value.rpartition("/")[2] for value in process.variables.values() if value.startswith("/run/secrets/")}
    assert looked_for == process.secrets
    assert not [name for name in process.variables if "PASSWORD" in name and not name.endswith("_FILE")]


def test_secrets__are_made_once_and_never_again(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    make_secrets(folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert len(set(before.values())) == len(before) == 9
    assert folder.stat().st_mode & 0o777 == 0o700


@every_process
def test_ports__are_those_it_listens_on(process: Process, secrets: Path, tmp_path: Path) -> None:
    settings = settings_of(process, secrets, tmp_path)
    by_command: dict[str, set[int | None]] = {
        "lrs serve": {settings.lrs.port},
        "ingest serve": {settings.ingest.port},
        "superset web": {settings.superset.port},
        "dagster web": {DEFAULT_DAGSTER_PORT},
        "dagster code": {CODE_PORT},
    }
    listening = by_command.get(process.command, set())
    assert process.ports <= listening
    asked = {int(port) for probe in process.probes for port in re.findall(r"127\.0\.0\.1(?::|', )(\d+)", probe)}
    assert asked <= listening
    if process.command.startswith("dagster"):
        assert process.arguments[2:4] == ("--code-port", str(CODE_PORT))
    if listening and not process.command.startswith("dagster"):
        section = getattr(settings, process.command.partition(" ")[0])
        assert section.host == "0.0.0.0"  # noqa: S104 - a container's


def test_ports__are_the_usual_ones() -> None:
    by_command = {process.command: process.variables for process in processes()}
    assert by_command["lrs serve"]["LYCEUM_LRS_PORT"] == str(DEFAULT_LRS_PORT)
    assert by_command["superset web"]["LYCEUM_SUPERSET_PORT"] == str(DEFAULT_SUPERSET_PORT)


def test_probes__everything_that_serves_has_some() -> None:
    without = {process.command for process in processes() if not process.probes}
    assert without == JOBS | {"dagster daemon"}


@every_process
def test_probes__ask_what_is_answered(process: Process, secrets: Path, tmp_path: Path) -> None:
    paths = {urlsplit(probe).path for probe in process.probes if probe.startswith("http")}
    if process.command == "lrs serve":
        settings = settings_of(process, secrets, tmp_path)
        near = settings.lrs.model_copy(update={"attachments": f"file://{tmp_path}"})
        routes = {getattr(route, "path", "") for route in create_app(settings.model_copy(update={"lrs": near})).routes}
        assert paths <= routes
    elif process.command == "ingest serve":
        assert paths <= answered_by_ingest({"/health/live", "/health/ready", "/metrics"})
    else:
        assert paths <= OTHERS_PATHS.keys()
        assert {OTHERS_PATHS[path] for path in paths} <= {process.command}


def answered_by_ingest(paths: set[str]) -> set[str]:
    server = Server(Settings().ingest, Metrics(), lambda: True)
    server.start()
    try:
        addresses = {path: f"http://127.0.0.1:{server.port}{path}" for path in paths}
        return {path for path, address in addresses.items() if urlopen(address, timeout=5).status == 200}  # noqa: S310
    finally:
        server.stop()


def test_probes__are_those_of_one_machine() -> None:
    """`lyceum up` waits for the same, and is tried by every other test."""
    source = Path(services.__file__).read_text(encoding="utf-8")
    for path in ("/health/ready", "/server_info", "/login/"):
        assert path in source


def test_metrics__are_not_for_outside(secrets: Path, tmp_path: Path) -> None:
    """They name tenants. What the proxy and the ingress let through, the LRS answers."""
    proxied = re.search(r"@public path (.*)", (DEPLOY / "Caddyfile").read_text(encoding="utf-8"))
    assert proxied is not None
    rules = of_kind("Ingress")["lrs"]["spec"]["rules"][0]["http"]["paths"]
    let_in = {path.rstrip("*").rstrip("/") for path in proxied[1].split()} | {one["path"].rstrip("/") for one in rules}
    assert let_in == {"", "/xAPI", "/xapi", "/api/v1"}
    assert {one["pathType"] for one in rules if one["path"] == "/"} == {"Exact"}
    lrs = next(process for process in processes() if process.command == "lrs serve")
    app = create_app(settings_of(lrs, secrets, tmp_path).model_copy(update={"home": tmp_path}))
    known = {getattr(route, "path", "") for route in app.routes}
    assert all(any(path.startswith(prefix) for path in known) for prefix in let_in)
    assert "/metrics" in known


def test_compose__what_it_names_is_there() -> None:
    told = compose()
    for service in told["services"].values():
        assert set(service.get("secrets", ())) <= told["secrets"].keys()
        assert set(service.get("depends_on", ())) <= told["services"].keys()
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in told["volumes"] or (DEPLOY / source).is_file()
        shared = service.get("network_mode", "service:lrs").removeprefix("service:")
        assert shared in told["services"]
    made = {Path(secret["file"]).name for secret in told["secrets"].values()}
    assert made == set(told["secrets"])


def test_compose__the_proxy_leads_to_ports_that_are_there() -> None:
    ports = {name: process.variables for name, process in ((process.command, process) for process in processes())}
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert re.search(rf"name lrs\s+port {ports['lrs serve']['LYCEUM_LRS_PORT']}\b", text)
    assert f"reverse_proxy superset:{ports['superset web']['LYCEUM_SUPERSET_PORT']}" in text
    inner = (DEPLOY / "dagster.Caddyfile").read_text(encoding="utf-8")
    assert f"reverse_proxy 127.0.0.1:{DEFAULT_DAGSTER_PORT}" in inner
    door = re.search(r"^:(\d+) \{", inner, re.MULTILINE)
    assert door is not None
    assert compose()["services"]["dagster-code"]["ports"] == [f"127.0.0.1:{DEFAULT_DAGSTER_PORT}:{door[1]}"]
