"""Every command says what it is for, and shows an example."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cli.main import COMMANDS, app


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield " ".join(path), command
        return
    for name, inner in command.commands.items():
        yield from leaves(inner, (*path, name))


def every_command() -> list[tuple[str, Any]]:
    root = typer.main.get_command(app)
    return [found for name in COMMANDS for found in leaves(root.get_command(None, name), (name,))]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("path", "command"), every_command())
def test_help__has_an_example(path: str, command: Any) -> None:
    assert command.help
    assert "Example:" in command.help, path


def test_help__of_all() -> None:
    assert len(every_command()) > 30
