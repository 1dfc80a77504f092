"""How Superset is started: with which Python, told what."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from core.database.address import login_conninfo, role_conninfo, sqlalchemy_url
from core.errors import UserError
from core.secrets import SecretKey
from core.settings import DEFAULT_SUPERSET_PORT, Settings, SupersetSettings
from dashboards.service import VARIABLE, Oidc, Service, encode_service

ROLE = "lyceum_superset"
OPERATOR = "lyceum_operator"
SEARCH_PATH = "-csearch_path=superset"
# What is lost with a machine that dies in a set-up is made by the next one. Each right is a transaction: hundreds.
HASTE = " -csynchronous_commit=off"
CONFIGURATION = Path(__file__).parent / "server" / "config.py"


def superset_python(settings: Settings) -> Path:
    beside = Path(sys.prefix).absolute().with_name(".venv-superset") / "bin" / "python"
    python = settings.superset.python or beside
    if not python.exists():
        raise UserError(
            f"Superset's environment is missing: there is no {python}.",
            "`make superset` makes it, or set LYCEUM_SUPERSET_PYTHON to the Python that has Superset.",
        )
    return python.absolute()


def service_of(settings: Settings, port: int | None = None, options: str = "") -> Service:
    database = settings.database
    key = SecretKey(settings.secret_key)
    port = port or settings.superset.port or DEFAULT_SUPERSET_PORT
    operator = conninfo_to_dict(role_conninfo(database, OPERATOR))
    return Service(
        home=str((settings.home / "superset").absolute()),
        host=settings.superset.host,
        port=port,
        workers=settings.superset.workers,
        url=settings.superset.url or f"http://127.0.0.1:{port}",
        metadata_url=sqlalchemy_url(role_conninfo(database, ROLE), options=SEARCH_PATH + options),
        data_url=sqlalchemy_url(login_conninfo(database, "", "")),
        operator=OPERATOR,
        operator_password=str(operator["password"]),
        secret_key=settings.secret_key.get_secret_value() if settings.secret_key else "",
        session_key=key.superset_key(),
        cache=settings.superset.cache,
        cache_seconds=settings.superset.cache_seconds,
        session_hours=settings.superset.session_hours,
        oidc=_oidc(settings.superset),
    )


def _oidc(superset: SupersetSettings) -> Oidc | None:
    if superset.oidc_issuer is None:
        return None
    if superset.oidc_client_id is None or superset.oidc_client_secret is None:
        raise UserError(
            "Sign-in by OpenID Connect lacks how the issuer knows Superset.",
            "Set LYCEUM_SUPERSET_OIDC_CLIENT_ID and LYCEUM_SUPERSET_OIDC_CLIENT_SECRET.",
        )
    return Oidc(
        issuer=superset.oidc_issuer,
        client_id=superset.oidc_client_id,
        client_secret=superset.oidc_client_secret.get_secret_value(),
        tenant=superset.oidc_tenant,
        tenant_claim=superset.oidc_tenant_claim,
        person_claim=superset.oidc_person_claim,
    )


def superset_environment(service: Service, variables: Mapping[str, str]) -> dict[str, str]:
    """Ours, but for our own settings, which its processes do not read, and shall not show."""
    others = {
        name: value for name, value in variables.items() if not name.startswith(("LYCEUM_", "SUPERSET_", "PYTHON"))
    }
    return {
        **others,
        VARIABLE: encode_service(service),
        "SUPERSET_CONFIG_PATH": str(CONFIGURATION),
        "SUPERSET_HOME": service.home,
        "PYTHONUNBUFFERED": "1",
    }


def run_setup(settings: Settings, variables: Mapping[str, str], port: int | None = None) -> None:
    """In this process's place."""
    _run(settings, service_of(settings, port, HASTE), variables, "dashboards.server.setup")


def run_web(settings: Settings, variables: Mapping[str, str], port: int | None = None) -> None:
    """In this process's place, so that whoever started it stops the right one."""
    _run(settings, service_of(settings, port), variables, "dashboards.server.web")


def _run(settings: Settings, service: Service, variables: Mapping[str, str], module: str) -> None:
    python = superset_python(settings)
    Path(service.home).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.execve(python, [str(python), "-m", module], superset_environment(service, variables))  # noqa: S606 - no shell
