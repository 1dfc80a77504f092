"""What `lyceum up` runs for given settings, in a list."""

from pathlib import Path

from core.errors import UserError
from core.settings import LoadedSettings
from local.cache import cache_folder
from local.home import Home
from local.kafka import Broker
from local.ports import choose_port
from local.postgres import Server
from local.process import Process


def services(loaded: LoadedSettings, home: Home, only: frozenset[str] = frozenset()) -> list[Process]:
    """All, or those named in `only` and started without the rest."""
    builders = {"database": database, "kafka": broker}
    if unknown := only - builders.keys():
        raise UserError(f"Unknown in --only: {', '.join(sorted(unknown))}.", f"There are: {', '.join(builders)}.")
    built = (build(loaded, home) for name, build in builders.items() if not only or name in only)
    return [process for process in built if process is not None]


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


def is_given(loaded: LoadedSettings, home: Home, path: str) -> bool:
    """By the user, not by what an earlier start left in the home folder."""
    origin = loaded.origins.get(path)
    if origin is None:
        return False
    return Path(origin.removeprefix(f"{path} in ")).absolute() != home.endpoints_file
