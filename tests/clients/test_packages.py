"""The packages themselves: what they are installed from, and what is said where they cannot be."""

import json
import os
from pathlib import Path

import pytest

from core.errors import UserError
from tests.harness.node import CLIENTS, install_packages


def test_lock__names_no_address() -> None:
    lock = (CLIENTS / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    packages = json.loads(lock)["packages"]
    assert all(package["integrity"].startswith("sha512-") for path, package in packages.items() if path)


def test_packages__are_pinned() -> None:
    wanted = json.loads((CLIENTS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((CLIENTS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_install__registry_out_of_reach(tmp_path: Path) -> None:
    # A door that is shut, and no earlier download to fall back on.
    shut = {
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_noproxy": "127.0.0.1",
        "npm_config_cache": str(tmp_path / "npm"),
    }
    with pytest.raises(UserError, match=r"could not be installed.*ECONNREFUSED.*Check that npm reaches its registry"):
        install_packages(tmp_path / "cache", os.environ | shut)
    assert {path.suffix for path in (tmp_path / "cache").iterdir()} == {".building", ".lock"}
