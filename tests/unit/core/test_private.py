"""Secrets in files: whole or not at all, and their owner's only."""

import stat
from pathlib import Path

import pytest

from core.private import write_private


def test_write_private__is_its_owners(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", "one")
    assert (tmp_path / "secret").read_text(encoding="utf-8") == "one"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_write_private__that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    write_private(tmp_path / "secret", "one")
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "secret", "\ud800")
    assert (tmp_path / "secret").read_text(encoding="utf-8") == "one"
