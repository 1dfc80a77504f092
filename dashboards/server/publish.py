"""Puts what dashboards/publish.py wrote into Superset, whole or not at all: `python -m dashboards.server.publish`."""

import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from dashboards.service import BUNDLE

PUBLISHER = "lyceum-publisher"


class Rule(msgspec.Struct, frozen=True):
    clause: str
    except_roles: list[str]


class Bundle(msgspec.Struct, frozen=True):
    """As dashboards/bundle.py writes it."""

    documents: dict[str, dict[str, Any]]
    roles: dict[str, list[str]]
    rules: dict[str, Rule]


def main() -> None:
    from superset.app import create_app  # noqa: PLC0415 - it configures itself as it is imported

    with create_app().app_context():
        sys.stdout.write(msgspec.json.encode(publish(read_bundle())).decode() + "\n")


def read_bundle() -> Bundle:
    from dashboards.server.people import service  # noqa: PLC0415

    return msgspec.json.decode(Path(service().home, BUNDLE).read_bytes(), type=Bundle)


def publish(bundle: Bundle) -> dict[str, list[str]]:
    """What was added, changed and removed."""
    from superset.utils.core import override_user  # noqa: PLC0415
    from superset.utils.decorators import transaction  # noqa: PLC0415

    publisher = find_publisher()
    with override_user(publisher):
        done: dict[str, list[str]] = transaction()(_publish)(bundle, publisher)
        return done


def _publish(bundle: Bundle, publisher: Any) -> dict[str, list[str]]:
    from superset import db  # noqa: PLC0415
    from superset.commands.importers.v1.assets import ImportAssetsCommand  # noqa: PLC0415

    names = {document["uuid"]: path for path, document in bundle.documents.items() if "uuid" in document}
    before = _state(publisher, names)
    # JSON is YAML, too.
    contents = {path: msgspec.json.encode(document).decode() for path, document in bundle.documents.items()}
    ImportAssetsCommand(contents).run()
    db.session.flush()
    _hold_rows(bundle.rules)
    _open_dashboards(bundle.roles)
    _remove(publisher, names.keys())
    db.session.flush()
    db.session.expire_all()
    return _compare(before, _state(publisher, names))


def find_publisher() -> Any:
    """Whose the published is. Nobody signs in as it: it is not active and has no password."""
    from superset import db, security_manager  # noqa: PLC0415

    if found := security_manager.find_user(PUBLISHER):
        return found
    admin = security_manager.find_role("Admin")
    user = security_manager.add_user(PUBLISHER, "Lyceum", "publisher", PUBLISHER, admin, hashed_password="!")  # noqa: S106 - none hashes to it
    user.active = False
    db.session.commit()
    return user


def _hold_rows(rules: Mapping[str, Rule]) -> None:
    """Base filters: they hold for everybody but the roles they name, so for whoever has none."""
    from superset import db, security_manager  # noqa: PLC0415
    from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable  # noqa: PLC0415

    known = {rule.name: rule for rule in db.session.query(RowLevelSecurityFilter)}
    datasets = {str(one.uuid): one for one in db.session.query(SqlaTable)}
    for uuid, rule in rules.items():
        name = f"lyceum {datasets[uuid].table_name}"
        held = known.pop(name, None) or RowLevelSecurityFilter(name=name)
        _set(held, clause=rule.clause, filter_type="Base", tables=[datasets[uuid]])
        _set(held, roles=[security_manager.find_role(role) for role in rule.except_roles])
        db.session.add(held)
    for name, rule in known.items():
        if name.startswith("lyceum "):
            db.session.delete(rule)


def _set(row: Any, **values: Any) -> None:
    """What is as it should be is not written."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _open_dashboards(roles: Mapping[str, Iterable[str]]) -> None:
    from superset import db, security_manager  # noqa: PLC0415
    from superset.models.dashboard import Dashboard  # noqa: PLC0415

    for dashboard in db.session.query(Dashboard):
        if (names := roles.get(str(dashboard.uuid))) is not None:
            _set(dashboard, roles=[security_manager.find_role(name) for name in names])


def _remove(publisher: Any, kept: Collection[str]) -> None:
    """Only what was published: whatever people made of their own stays."""
    from superset import db  # noqa: PLC0415

    for kind in _kinds():
        for one in db.session.query(kind).filter_by(created_by_fk=publisher.id):
            if str(one.uuid) not in kept:
                db.session.delete(one)


def _kinds() -> tuple[Any, ...]:
    from superset.connectors.sqla.models import SqlaTable  # noqa: PLC0415
    from superset.models.dashboard import Dashboard  # noqa: PLC0415
    from superset.models.slice import Slice  # noqa: PLC0415

    return Dashboard, Slice, SqlaTable


def _state(publisher: Any, names: Mapping[str, str]) -> dict[str, str]:
    """By its file, or what it is called where it has none any more: all that a publication could change of it."""
    from superset import db  # noqa: PLC0415

    return {
        names.get(str(one.uuid), f"{kind.__tablename__} {one.uuid}"): _content(one)
        for kind in _kinds()
        for one in db.session.query(kind).filter_by(created_by_fk=publisher.id)
    }


def _content(one: Any) -> str:
    names = (
        "slice_name",
        "description",
        "params",
        "json_metadata",
        "position_json",
        "css",
        "slug",
        "sql",
        "main_dttm_col",
    )
    parts = [str(getattr(one, name, "")) for name in names]
    parts += [str(role) for role in getattr(one, "roles", [])]
    for column in sorted(getattr(one, "columns", []), key=str):
        parts += [
            column.column_name,
            str(column.verbose_name),
            str(column.expression),
            str(column.description),
            str(column.type),
        ]
    for metric in sorted(getattr(one, "metrics", []), key=str):
        if hasattr(metric, "metric_name"):
            parts += [metric.metric_name, str(metric.verbose_name), metric.expression, str(metric.description)]
    return "\0".join(parts)


def _compare(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    return {
        "added": sorted(after.keys() - before.keys()),
        "changed": sorted(name for name in after.keys() & before.keys() if after[name] != before[name]),
        "removed": sorted(before.keys() - after.keys()),
    }


if __name__ == "__main__":
    main()
