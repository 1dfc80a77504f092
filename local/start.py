"""The supervisor's start in this process, up to its end."""

import asyncio
from collections.abc import Callable

from core.settings import LoadedSettings
from local.home import Home
from local.leftovers import end, leftovers
from local.services import services
from local.state import State
from local.supervisor import Supervisor


def supervise(
    loaded: LoadedSettings,
    only: frozenset[str],
    until_exit_of: int | None,
    changed: Callable[[State], None],
) -> bool:
    """False when something could not be brought up."""
    home = Home(loaded.settings.home)
    home.create()
    home.lock()
    home.require_space()
    end(leftovers(home.folder))
    home.unpublish()
    if loaded.settings.mode != "production":
        home.keep_secrets()
    supervisor = Supervisor(home, services(loaded, home, only), changed)
    try:
        return asyncio.run(supervisor.run(until_exit_of))
    finally:
        home.unpublish()
