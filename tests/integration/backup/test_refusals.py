"""What cannot go well is refused before anything is changed, and said so that it can be mended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import msgspec
import pytest
from pydantic import SecretStr

from backup.check import verify
from backup.manifest import NAME, read_manifest
from backup.means import Means
from backup.restore import restore
from backup.tables import list_tables
from backup.take import take
from core.errors import UserError
from core.settings import Settings
from tests.harness.database import Database
from tests.harness.waiting import wait_until


@pytest.fixture
def source(server: Settings, database: Database) -> Settings:
    database.tenant("school")
    return server.model_copy(update={"database": database.settings})


@pytest.fixture
def target(server: Settings, restored: Database) -> Settings:
    return server.model_copy(update={"database": restored.settings})


@pytest.fixture
def made(source: Settings, means: Means, tmp_path: Path) -> Path:
    take(source, tmp_path / "backup", means)
    return tmp_path / "backup"


def damage(folder: Path) -> None:
    largest = max((folder / "database").iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)


def lose(folder: Path) -> None:
    (folder / "database" / "toc.dat").unlink()


def age(folder: Path) -> None:
    changed = msgspec.structs.replace(read_manifest(folder), migration="9999")
    (folder / NAME).write_bytes(msgspec.json.encode(changed))


def extend(folder: Path) -> None:
    changed = msgspec.structs.replace(read_manifest(folder), timescaledb="99.9.9")
    (folder / NAME).write_bytes(msgspec.json.encode(changed))


def cut_off(folder: Path) -> None:
    (folder / NAME).write_bytes((folder / NAME).read_bytes()[:200])


def outdate(folder: Path) -> None:
    (folder / NAME).write_bytes(b'{"format": 2}')


SPOILS: dict[str, Callable[[Path], None]] = {
    "has changed": damage,
    "toc.dat cannot be read": lose,
    "at migration 9999, which this version of Lyceum does not know": age,
    "The backup is from TimescaleDB 99.9.9": extend,
    "is damaged": cut_off,
    "a newer Lyceum made": outdate,
}


def test_restore__of_what_cannot_be_used(made: Path, target: Settings, restored: Database, means: Means) -> None:
    for number, (said, spoil) in enumerate(SPOILS.items()):
        spoilt = made.with_name(f"spoilt-{number}")
        copytree(made, spoilt)
        spoil(spoilt)
        with pytest.raises(UserError, match=said):
            restore(target, spoilt, means)
    with restored.admin() as connection:
        assert list_tables(connection) == []


def test_restore__where_it_must_not(
    made: Path, source: Settings, target: Settings, database: Database, means: Means
) -> None:
    with pytest.raises(UserError, match="another secret key"):
        restore(target.model_copy(update={"secret_key": SecretStr("x" * 40)}), made, means)
    with pytest.raises(UserError, match="not empty"):
        restore(source, made, means)
    with database.service("lrs"), pytest.raises(UserError, match="Services use this database: lyceum_lrs"):
        restore(source, made, means)


def test_take__leaves_nothing_behind_when_it_fails(source: Settings, means: Means, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="pg_dump and pg_restore of PostgreSQL"):
        take(source, tmp_path / "backups" / "one", means._replace(places=[]))
    assert list((tmp_path / "backups").iterdir()) == []


def test_take__has_its_own_folder_which_only_its_owner_reads(made: Path, source: Settings, means: Means) -> None:
    with pytest.raises(UserError, match="exists already"):
        take(source, made, means)
    assert verify(made).tables["control.tenants"] == 1
    assert {path.stat().st_mode & 0o077 for path in (made, *made.rglob("*"))} == {0}


def test_take__waits_for_a_refresh_of_the_marts(
    source: Settings, database: Database, means: Means, tmp_path: Path
) -> None:
    with database.service("transform") as refresh, ThreadPoolExecutor() as pool:
        refresh.execute("lock table intermediate.turn in share update exclusive mode")
        taking = pool.submit(take, source, tmp_path / "backup", means)
        wait_until(lambda: is_waited_for(database))
        refresh.execute("insert into intermediate.built (node_id, checksum) values ('model', 'sum')")
        refresh.commit()
        assert taking.result().tables["intermediate.built"] == 1


def is_waited_for(database: Database) -> bool:
    with database.admin() as connection:
        query = "select exists (select from pg_locks where relation = 'intermediate.turn'::regclass and not granted)"
        return connection.execute(query).fetchone() == (True,)
