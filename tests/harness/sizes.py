"""How much of everything: tests/sizes.toml."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

SIZES = Path(__file__).parents[1] / "sizes.toml"


def sizes_of(config: pytest.Config) -> SimpleNamespace:
    return SimpleNamespace(**tomllib.loads(SIZES.read_text(encoding="utf-8"))[config.getoption("--size")])
