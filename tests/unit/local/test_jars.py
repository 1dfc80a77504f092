from pathlib import Path

import pytest

from core.errors import UserError
from local.jars import LOCK, VERSION, format_lock, read_lock, sums, verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jar", "b.jar"):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def test_verify__as_locked(folder: Path) -> None:
    verify(folder, read_lock(format_lock(sums(folder))))


@pytest.mark.parametrize(("change", "named"), [("alter", "a.jar"), ("remove", "a.jar"), ("add", "c.jar")])
def test_verify__not_as_locked(folder: Path, change: str, named: str) -> None:
    locked = sums(folder)
    match change:
        case "alter":
            (folder / "a.jar").write_bytes(b"other")
        case "remove":
            (folder / "a.jar").unlink()
        case _:
            (folder / "c.jar").touch()
    with pytest.raises(UserError, match=rf"kafka\.lock names: {named}\."):
        verify(folder, locked)


def test_lock__names_jars_and_sums_only() -> None:
    locked = read_lock(LOCK.read_text())
    assert f"kafka_2.13-{VERSION}.jar" in locked
    assert f"kafka-clients-{VERSION}.jar" in locked
    assert all(name.endswith(".jar") and len(digest) == 64 for name, digest in locked.items())
