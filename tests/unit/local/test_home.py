import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import UserError
from core.settings import load_settings
from local.home import GENERATED_SECRETS, Home, read_flat


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_create__only_its_owner_may_enter(home: Home) -> None:
    assert {mode(folder) for folder in (home.folder, home.data, home.run, home.log("x").parent)} == {0o700}


def test_create__below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot be made: Not a directory.*LYCEUM_HOME"):
        Home(tmp_path / "file" / "home").create()


def test_keep_secrets__readable_by_its_owner_only(home: Home) -> None:
    home.keep_secrets()
    assert mode(home.secrets_file) == 0o600


def test_keep_secrets__stay(home: Home) -> None:
    home.keep_secrets()
    first = read_flat(home.secrets_file)
    home.keep_secrets()
    assert read_flat(home.secrets_file) == first
    assert set(first) == set(GENERATED_SECRETS)
    assert len(set(first.values())) == len(GENERATED_SECRETS)


def test_keep_secrets__one_is_missing(home: Home) -> None:
    home.keep_secrets()
    first = read_flat(home.secrets_file)
    key = f'secret_key = "{first["secret_key"]}"'
    home.secrets_file.write_text(key)
    home.keep_secrets()
    assert read_flat(home.secrets_file)["secret_key"] == first["secret_key"]
    assert set(read_flat(home.secrets_file)) == set(GENERATED_SECRETS)


def test_publish__read_by_the_settings(home: Home) -> None:
    home.keep_secrets()
    home.publish({"database.url": "postgresql://127.0.0.1:5433/lyceum"})
    home.publish({"kafka.bootstrap": "127.0.0.1:9093"})
    settings = load_settings({"LYCEUM_HOME": str(home.folder)}).settings
    assert settings.database.url is not None
    assert settings.database.url.get_secret_value() == "postgresql://127.0.0.1:5433/lyceum"
    assert settings.kafka.bootstrap == "127.0.0.1:9093"
    assert settings.secret_key is not None
    assert mode(home.endpoints_file) == 0o600


def test_publish__several_at_once_lose_nothing(home: Home) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: home.publish({f"one.p{number}": str(number)}), range(40)))
    assert read_flat(home.endpoints_file) == {f"one.p{number}": str(number) for number in range(40)}


def test_unpublish(home: Home) -> None:
    home.publish({"kafka.bootstrap": "127.0.0.1:9093"})
    home.unpublish()
    home.unpublish()
    assert load_settings({"LYCEUM_HOME": str(home.folder)}).settings.kafka.bootstrap is None


def test_lock__in_use(home: Home) -> None:
    home.lock()
    with pytest.raises(UserError, match=rf"in use by process {os.getpid()}\. Stop it with `lyceum down`"):
        Home(home.folder).lock()


def test_holder(home: Home) -> None:
    assert home.holder() is None
    home.lock()
    assert Home(home.folder).holder() == os.getpid()


def test_require_space__full(home: Home) -> None:
    more_than_free = shutil.disk_usage(home.folder).total + 1
    with pytest.raises(UserError, match=r"is full: \d+ MiB are free, \d+ MiB are needed\. Free some space"):
        home.require_space(more_than_free)
