from pathlib import Path

import pytest

from core.errors import UserError
from local.cache import cached


def write_content(folder: Path) -> None:
    (folder / "content").write_text("whole")


def fail_halfway(folder: Path) -> None:
    (folder / "content").write_text("ha")
    raise ConnectionError("the network went away")


def refuse(folder: Path) -> None:
    raise AssertionError("built twice")


def test_cached__built_once(tmp_path: Path) -> None:
    cached(tmp_path, "jars", write_content)
    assert (cached(tmp_path, "jars", refuse) / "content").read_text() == "whole"


def test_cached__half_built_is_never_used(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        cached(tmp_path, "jars", fail_halfway)
    assert not (tmp_path / "jars").exists()
    assert (cached(tmp_path, "jars", write_content) / "content").read_text() == "whole"


def test_cached__folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cache folder .* cannot be made.*LYCEUM_CACHE"):
        cached(tmp_path / "file" / "cache", "jars", write_content)
