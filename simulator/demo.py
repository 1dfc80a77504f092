"""The demo's schools: three tenants, a term that ends today, and learners who go on from there.

Begun once, it goes on where it was interrupted: what is sent again has the same ids.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
from psycopg import Connection

from core.credentials import NewCredential, create_credential
from core.private import write_private
from core.secrets import SecretKey
from core.tenants import NewTenant, Pattern, create_tenant, list_tenants
from simulator.imperfections import without
from simulator.live import Pace, play_live
from simulator.manifest import described
from simulator.parameters import WEEKS, Parameters, TenantName
from simulator.run import build_tenants
from simulator.simulate import simulate
from simulator.sinks.http import Credential, LrsSink, Options
from simulator.world.tenants import Tenant

STATEMENTS = 200_000
# Of real learners, so that there is something to see.
SPEED = 30.0
CONNECTIONS = 4
TENANTS = (
    TenantName("riverside", "Europe/Berlin"),
    TenantName("lakeside", "America/New_York"),
    TenantName("hillcrest", "Asia/Kolkata"),
)


class Stage(msgspec.Struct, frozen=True):
    """How far it is: waiting, sending, live."""

    name: str = "waiting"
    statements: int = 0
    of: int = 0
    seconds: float = 0.0
    is_again: bool = False


class Files(msgspec.Struct, frozen=True):
    folder: Path

    @property
    def parameters(self) -> Path:
        return self.folder / "parameters.json"

    @property
    def credentials(self) -> Path:
        return self.folder / "credentials.json"

    @property
    def stage(self) -> Path:
        return self.folder / "stage.json"

    @property
    def sent(self) -> Path:
        return self.folder / "sent"

    @property
    def term(self) -> Path:
        return self.folder / "term"


def begin_demo(folder: Path, statements: int, today: date) -> Files:
    """Nothing is changed where it was begun before."""
    files = Files(folder)
    if not files.parameters.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        parameters = Parameters(
            tenants=TENANTS,
            statements=statements,
            start=today - timedelta(weeks=WEEKS),
            # These would be a third of so few learners.
            imperfections=without(["edges"]),
        )
        files.parameters.write_bytes(msgspec.json.encode(parameters))
    return files


def read_stage(files: Files) -> Stage:
    try:
        return msgspec.json.decode(files.stage.read_bytes(), type=Stage)
    except (FileNotFoundError, msgspec.DecodeError):
        return Stage()


def play_demo(
    files: Files,
    url: str,
    connect: Callable[[], AbstractContextManager[Connection]],
    key: SecretKey,
    stop: threading.Event,
) -> None:
    """Until it is stopped."""
    parameters = msgspec.json.decode(files.parameters.read_bytes(), type=Parameters)
    with connect() as connection:
        ensure_tenants(connection, build_tenants(parameters), key)
        credentials = _ensure_credentials(connection, files, parameters.tenants, key, url)
    if not files.sent.exists():
        _send_term(parameters, files, url, credentials)
    _say(files, Stage("live", is_again=True))
    options = Options(connections=1, batch=5)
    while not stop.is_set():
        salt = datetime.now(UTC).isoformat()
        play_live(parameters, LrsSink(url, credentials, options), Pace(SPEED, salt), stop)


def ensure_tenants(connection: Connection, tenants: Sequence[Tenant], key: SecretKey) -> None:
    known = {tenant.slug for tenant in list_tenants(connection)}
    for tenant in tenants:
        if tenant.slug not in known:
            create_tenant(connection, new_tenant(tenant), key)


def new_tenant(tenant: Tenant) -> NewTenant:
    """As the manifest describes it."""
    said = described(tenant)
    patterns = [Pattern(**pattern) for pattern in said["patterns"]]
    return NewTenant(
        said["slug"], said["name"], time_zone=said["time_zone"], home_pages=said["home_pages"], patterns=patterns
    )


def _ensure_credentials(
    connection: Connection, files: Files, tenants: Sequence[TenantName], key: SecretKey, url: str
) -> dict[str, Credential]:
    if files.credentials.exists():
        return msgspec.json.decode(files.credentials.read_bytes(), type=dict[str, Credential])
    made = {}
    for tenant in tenants:
        # A name of its own: an interrupted start may have made one whose secret is lost.
        name = f"demo {datetime.now(UTC).isoformat(timespec='milliseconds')}"
        issued = create_credential(connection, tenant.slug, NewCredential(name, ("all", "events/write")), key, url)
        made[tenant.slug] = Credential(issued.credential.key_id, issued.secret)
    connection.commit()
    write_private(files.credentials, msgspec.json.encode(made).decode())
    return made


def _send_term(parameters: Parameters, files: Files, url: str, credentials: dict[str, Credential]) -> None:
    began = time.monotonic()

    def say(statements: int) -> None:
        _say(files, Stage("sending", statements, parameters.statements or 0, time.monotonic() - began))

    say(0)
    sink = LrsSink(url, credentials, Options(connections=CONNECTIONS, sends_events=True))
    counts = simulate(parameters, files.term, sink, say)
    files.sent.touch()
    _say(files, Stage("live", counts["statement"], counts["statement"], time.monotonic() - began))


def _say(files: Files, stage: Stage) -> None:
    """Whole, or as it was."""
    if stage.is_again and (before := read_stage(files)).name == "live":
        stage = before
    temporary = files.stage.with_suffix(".new")
    temporary.write_bytes(msgspec.json.encode(stage))
    temporary.replace(files.stage)
