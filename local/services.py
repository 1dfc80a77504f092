"""What `lyceum up` runs for given settings, in a list."""

import sys
from dataclasses import replace
from pathlib import Path
from socket import create_connection
from urllib.request import urlopen

from core.errors import UserError
from core.settings import DEFAULT_DAGSTER_PORT, DEFAULT_LRS_PORT, DEFAULT_SUPERSET_PORT, LoadedSettings
from dashboards.launch import superset_python
from local.cache import cache_folder
from local.command import Command
from local.home import Home
from local.kafka import Broker
from local.ports import HOST, choose_port
from local.postgres import Server
from local.preparation import Preparation
from local.process import Process


def services(loaded: LoadedSettings, home: Home, only: frozenset[str] = frozenset()) -> list[Process]:
    """All, or those named in `only` and started without the rest."""
    builders = {
        "database": database,
        "kafka": broker,
        "migrate": migrate,
        "topics": topics,
        "lrs": learning_record_store,
        "ingest": ingest,
        "dagster-code": dagster_code,
        "dagster-daemon": dagster_daemon,
        "dagster": dagster_pages,
        "superset": superset,
        "learners": learners,
    }
    if unknown := only - builders.keys():
        raise UserError(f"Unknown in --only: {', '.join(sorted(unknown))}.", f"There are: {', '.join(builders)}.")
    built = [build(loaded, home) for name, build in builders.items() if not only or name in only]
    return without_absent([process for process in built if process is not None])


def without_absent(processes: list[Process]) -> list[Process]:
    """What is given, or not asked for, is not waited for."""
    present = {process.name for process in processes}
    return [replace(process, after=tuple(name for name in process.after if name in present)) for process in processes]


def database(loaded: LoadedSettings, home: Home) -> Process | None:
    if is_given(loaded, home, "database.url"):
        return None
    settings = loaded.settings
    port = choose_port("database", settings.database.port, "LYCEUM_DATABASE_PORT", home.ports_file)
    return Server(home, cache_folder(settings), settings.database.edition, port).process()


def broker(loaded: LoadedSettings, home: Home) -> Process | None:
    if is_given(loaded, home, "kafka.bootstrap"):
        return None
    settings = loaded.settings
    port = choose_port("kafka", settings.kafka.port, "LYCEUM_KAFKA_PORT", home.ports_file)
    controller_port = choose_port("kafka controller", None, "", home.ports_file)
    return Broker(home, cache_folder(settings), port, controller_port, settings.kafka.heap_mb).process()


def migrate(_loaded: LoadedSettings, _home: Home) -> Process:
    return Process("migrate", lambda _preparation: own("migrate"), after=("database",), once=True)


def topics(_loaded: LoadedSettings, _home: Home) -> Process:
    return Process("topics", lambda _preparation: own("topics", "create"), after=("kafka",), once=True)


def ingest(loaded: LoadedSettings, home: Home) -> Process:
    given = loaded.settings.ingest.port if is_given(loaded, home, "ingest.port") else None
    port = choose_port("ingest", given, "LYCEUM_INGEST_PORT", home.ports_file)

    def prepare(_: Preparation) -> Command:
        home.publish({"ingest.port": str(port)})
        return own("ingest", "serve")

    ready = f"http://{HOST}:{port}/health/ready"
    return Process("ingest", prepare, after=("migrate", "topics"), ready=lambda: answers(ready), port=port)


def learning_record_store(loaded: LoadedSettings, home: Home) -> Process:
    given = loaded.settings.lrs.port if is_given(loaded, home, "lrs.port") else None
    port = choose_port("lrs", given, "LYCEUM_LRS_PORT", home.ports_file, DEFAULT_LRS_PORT)
    address = f"http://{HOST}:{port}"

    def prepare(_: Preparation) -> Command:
        found = {"lrs.port": str(port)}
        home.publish(found if is_given(loaded, home, "public_url") else found | {"public_url": address})
        return own("lrs", "serve")

    return Process(
        "lrs", prepare, after=("migrate", "topics"), ready=lambda: answers(f"{address}/health/ready"), port=port
    )


def dagster_code(_loaded: LoadedSettings, home: Home) -> Process:
    port = _code_port(home)
    command = own("dagster", "code", "--code-port", str(port))
    # It loads dbt's project beside everything else that starts at the same time.
    return Process(
        "dagster-code", lambda _: command, after=("migrate",), ready=lambda: listens(port), port=port,
        start_timeout=120.0,
    )  # fmt: skip


def dagster_daemon(_loaded: LoadedSettings, home: Home) -> Process:
    command = own("dagster", "daemon", "--code-port", str(_code_port(home)))
    return Process("dagster-daemon", lambda _: command, after=("dagster-code",))


def dagster_pages(loaded: LoadedSettings, home: Home) -> Process:
    given = loaded.settings.dagster.port if is_given(loaded, home, "dagster.port") else None
    port = choose_port("dagster", given, "LYCEUM_DAGSTER_PORT", home.ports_file, DEFAULT_DAGSTER_PORT)
    # Now, while it is free: it is the one that the others were given.
    command = own("dagster", "web", "--code-port", str(_code_port(home)), "--port", str(port))
    # Before it is there: others link to it.
    home.publish({"dagster.port": str(port)})
    ready = f"http://{HOST}:{port}/server_info"
    return Process("dagster", lambda _: command, after=("dagster-code",), ready=lambda: answers(ready), port=port)


def _code_port(home: Home) -> int:
    return choose_port("dagster code", None, "", home.ports_file)


def superset(loaded: LoadedSettings, home: Home) -> Process:
    # Before anything is started, if it is missing.
    superset_python(loaded.settings)
    given = loaded.settings.superset.port if is_given(loaded, home, "superset.port") else None
    port = choose_port("superset", given, "LYCEUM_SUPERSET_PORT", home.ports_file, DEFAULT_SUPERSET_PORT)
    home.publish({"superset.port": str(port)})

    def prepare(preparation: Preparation) -> Command:
        preparation.follow(own("superset", "setup"), home.log("superset"), "step: ")
        return own("superset", "web")

    # Its health says nothing of its database, the page to sign in does.
    ready = f"http://{HOST}:{port}/login/"
    return Process(
        "superset", prepare, after=("migrate",), ready=lambda: answers(ready), port=port, start_timeout=120.0
    )


def learners(_loaded: LoadedSettings, home: Home) -> Process | None:
    """Of the demo, where one was begun."""
    if not home.demo.exists():
        return None
    return Process("learners", lambda _preparation: own("demo", "--play"), after=("lrs", "ingest"))


def listens(port: int) -> bool:
    with create_connection((HOST, port), timeout=2):
        return True


def answers(url: str) -> bool:
    with urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
        return bool(response.status == 200)


def own(*arguments: str) -> Command:
    """A `lyceum` command: with the same environment and folder, it finds the same settings and the home's files."""
    return Command((sys.executable, "-m", "cli", *arguments))


def is_given(loaded: LoadedSettings, home: Home, path: str) -> bool:
    """By the user, not by what an earlier start left in the home folder."""
    origin = loaded.origins.get(path)
    if origin is None:
        return False
    return Path(origin.removeprefix(f"{path} in ")).absolute() != home.endpoints_file
