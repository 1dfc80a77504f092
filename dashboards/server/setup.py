"""Brings Superset's own tables, roles and rights to the present: `python -m dashboards.server.setup`.

All in one process, since each start of Superset takes seconds. Each line it prints is a step.
"""

import sys
import time
from pathlib import Path

from dashboards.server.publish import publish, read_bundle
from dashboards.server.rights import write_roles


def main() -> None:
    say = Steps()
    say("loading Superset")
    import superset  # noqa: PLC0415 - takes seconds: it is said first
    from superset.app import create_app  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        say("bringing its tables to the present; the first time takes a while")
        migrate(Path(superset.__file__).parent)
        say("writing roles and rights")
        name_rights()
        write_roles(superset.security_manager)
        say("publishing the dashboards")
        publish(read_bundle())
        # Once more: only now is there a database for analysts to ask.
        superset.security_manager.create_missing_perms()
        write_roles(superset.security_manager)
    say("")


class Steps:
    """Says what is being done, and how long the last step took."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._step = ""

    def __call__(self, step: str) -> None:
        if self._step:
            sys.stdout.write(f"done: {self._step} ({time.monotonic() - self._began:.1f} s)\n")
        self._began, self._step = time.monotonic(), step
        if step:
            sys.stdout.write(f"step: {step}\n")


def migrate(package: Path) -> None:
    from flask_migrate import upgrade  # noqa: PLC0415

    upgrade(directory=str(package / "migrations"))


def name_rights() -> None:
    """What there is to be allowed, as this version of Superset has it."""
    from superset import appbuilder, db, security_manager  # noqa: PLC0415

    appbuilder.add_permissions(update_perms=True)
    security_manager.create_custom_permissions()
    db.session.commit()


if __name__ == "__main__":
    main()
