"""The image: made of what is there, in the versions that everybody has, and nothing left that it does not need."""

import importlib.util
import re
import tomllib
from types import ModuleType
from typing import Any

import pytest

from core.settings import all_settings
from tests.harness.deployment import DEPLOY, ROOT, image_variables


def dockerfile() -> str:
    return (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def installer() -> ModuleType:
    specification = importlib.util.spec_from_file_location("install", ROOT / "requirements" / "install.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_image__is_installed_as_elsewhere() -> None:
    install = installer()
    assert f"ARG UV_VERSION={install.UV_VERSION}\n" in dockerfile()
    for group in ("platform", "superset"):
        lock, environment = f"requirements/{group}.lock", install.ENVIRONMENTS[group].name
        assert (ROOT / lock).exists()
        assert re.search(rf"uv pip sync .*{re.escape(environment)}/bin/python --require-hashes {lock}\n", dockerfile())
        assert re.search(rf"for environment in [^;]*{re.escape(environment)}\b", dockerfile())


def test_image__has_a_python_that_the_project_takes() -> None:
    bases = re.findall(r"^FROM python:(\d+\.\d+)-slim\S* AS base$", dockerfile(), re.MULTILINE)
    assert bases == ["3.11"]
    assert project()["project"]["requires-python"] == ">=3.11,<3.13"


def test_image__runs_the_command_as_nobody_in_particular() -> None:
    last = dockerfile().rpartition("\nFROM ")[2]
    assert 'ENTRYPOINT ["lyceum"]' in last
    assert "lyceum" in project()["project"]["scripts"]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert not re.search(r"\b(pip|uv|apt-get|curl|wget)\b", last)


def test_image__sets_what_are_settings() -> None:
    known = {setting.variable: setting for setting in all_settings()}
    assert image_variables().keys() <= known.keys()
    assert not [name for name in image_variables() if known[name].is_secret]
    assert image_variables()["LYCEUM_MODE"] == "production"


def test_image__holds_all_rooms_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    rooms = set(project()["tool"]["uv"]["build-backend"]["module-name"])
    assert let_in == rooms | {"requirements", "pyproject.toml", "README.md", "LICENSE"}
    assert all((ROOT / name).exists() for name in let_in)


@pytest.mark.parametrize("name", ["deploy/.env", "deploy/secrets/"])
def test_secrets__are_left_out_of_git(name: str) -> None:
    assert name in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
