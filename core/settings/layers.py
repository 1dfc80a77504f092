"""Where the values come from.

Layers, the first that names a setting wins: the environment (`LYCEUM_*`), `lyceum.toml`, and, outside production
mode, what the home folder keeps (generated secrets, addresses of the embedded servers). Nothing else in the
project reads the environment.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import UserError
from core.settings.model import PREFIX, REQUIRED_IN_PRODUCTION, Settings, all_settings

FILE_SUFFIX = "_FILE"
CONFIG_NAME = "lyceum.toml"


@dataclass(frozen=True)
class Layer:
    """Values from one place. `origin` says of a path where exactly it stands."""

    name: str
    values: Mapping[str, Any]

    def origin(self, path: str) -> str:
        if self.name == "environment":
            return f"environment variable {PREFIX}{path.replace('.', '_').upper()}"
        return f"{path} in {self.name}"


@dataclass(frozen=True)
class LoadedSettings:
    settings: Settings
    origins: Mapping[str, str]

    def value(self, path: str) -> Any:
        value: Any = self.settings
        for name in path.split("."):
            value = getattr(value, name)
        return value


def environment_layer(environ: Mapping[str, str]) -> Layer:
    known = {setting.variable: setting for setting in all_settings()}
    values: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX):
            continue
        if setting := known.get(variable):
            values[setting.path] = value
        elif (setting := known.get(variable.removesuffix(FILE_SUFFIX))) and setting.is_secret:
            values.setdefault(setting.path, _read_secret(variable, Path(value)))
        else:
            raise UserError(
                f"Unknown setting: environment variable {variable}.",
                f"Did you mean {_nearest(variable, list(known))}? docs/settings.md lists all of them.",
            )
    return Layer("environment", values)


def file_layer(path: Path) -> Layer:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    known = {setting.path for setting in all_settings()}
    values: dict[str, Any] = {}
    for key, value in _flatten(document):
        if key not in known:
            raise UserError(
                f"Unknown setting: {key} in {path}.",
                f"Did you mean {_nearest(key, list(known))}? docs/settings.md lists all of them.",
            )
        values[key] = value
    return Layer(str(path), values)


def load_settings(environ: Mapping[str, str], directory: Path = Path()) -> LoadedSettings:
    layers = [environment_layer(environ)]
    if (config := directory / CONFIG_NAME).exists():
        layers.append(file_layer(config))
    loaded = merge(layers)
    if loaded.settings.mode == "production":
        _require_production(loaded)
        return loaded
    home = directory / loaded.settings.home
    layers += [file_layer(path) for path in home_files(home) if path.exists()]
    return merge(layers)


def home_files(home: Path) -> tuple[Path, Path]:
    """What the supervisor leaves for other commands: generated secrets, addresses of the running servers."""
    return home / "secrets.toml", home / "run" / "endpoints.toml"


def merge(layers: list[Layer]) -> LoadedSettings:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for path, value in layer.values.items():
            if path not in values:
                values[path] = value
                origins[path] = layer.origin(path)
    try:
        settings = Settings.model_validate(_nest(values))
    except ValidationError as error:
        raise _explain(error, values, origins) from error
    return LoadedSettings(settings, origins)


def _require_production(loaded: LoadedSettings) -> None:
    missing = [path for path in REQUIRED_IN_PRODUCTION if path not in loaded.origins]
    if missing:
        known = {setting.path: setting for setting in all_settings()}
        names = ", ".join(known[path].variable for path in missing)
        raise UserError(
            f"Missing in production mode: {names}.",
            "Set them in the environment (secrets also as NAME_FILE, the path of a file) or in lyceum.toml; "
            "nothing is generated in production.",
        )


def _explain(error: ValidationError, values: Mapping[str, Any], origins: Mapping[str, str]) -> UserError:
    known = {setting.path: setting for setting in all_settings()}
    lines = []
    for item in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in item["loc"] if isinstance(part, str) and not part.startswith("function"))
        setting = known[path]
        found = "" if setting.is_secret else f" found {values.get(path)!r},"
        lines.append(
            f"{setting.variable}: {item['msg']};{found} from {origins.get(path, 'its default')}."
            f" Allowed: {setting.allowed}."
        )
    return UserError("\n".join(lines), "")


def _read_secret(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UserError(
            f"{variable} names {path}, which cannot be read: {error.strerror}.", "Name a readable file."
        ) from error


def _flatten(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _nest(values: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for path, value in values.items():
        *sections, name = path.split(".")
        target = nested
        for section in sections:
            target = target.setdefault(section, {})
        target[name] = value
    return nested


def _nearest(name: str, known: list[str]) -> str:
    return (get_close_matches(name, known, n=1, cutoff=0.0) or known)[0]
