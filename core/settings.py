"""Every setting of Lyceum, typed, with where its value came from.

Layers, the first that names a setting wins: the environment (`LYCEUM_*`), `lyceum.toml`, and, outside production
mode, what the home folder keeps (generated secrets, addresses of the embedded servers). Nothing else in the
project reads the environment.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from core.errors import UserError

PREFIX = "LYCEUM_"
FILE_SUFFIX = "_FILE"
CONFIG_NAME = "lyceum.toml"

Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


class DatabaseSettings(Section):
    """TimescaleDB or PostgreSQL."""

    url: SecretStr | None = Field(
        None,
        description="Address, `postgresql://[user:password@]host[:port]/name[?sslmode=…]`. Unset: the embedded "
        "database is started. The login in it, which must be allowed to create roles, is used by `lyceum migrate`, "
        "`tenants`, `credentials` and `doctor` only; services log in by the roles below.",
    )
    edition: Literal["auto", "timescaledb", "postgresql"] = Field(
        "auto",
        description="Which embedded database to start; `auto`: TimescaleDB where Debian's packages can be had.",
    )
    port: Port | None = Field(None, description="Port of the embedded database. Unset: a free one, kept afterwards.")
    password_lrs: SecretStr | None = Field(None, description="Password of the role `lyceum_lrs`.")
    password_ingest: SecretStr | None = Field(None, description="Password of the role `lyceum_ingest`.")
    password_transform: SecretStr | None = Field(None, description="Password of the role `lyceum_transform` (dbt).")
    password_operator: SecretStr | None = Field(None, description="Password of the role `lyceum_operator`.")
    connect_timeout: Annotated[int, Field(ge=1, le=60)] = Field(
        2, description="Seconds to wait for a connection before the database counts as away."
    )


class KafkaSettings(Section):
    """Apache Kafka."""

    bootstrap: str | None = Field(
        None, description="`host:port[,host:port]`. Unset: the embedded broker is started.", pattern=r"^[^\s:]+:\d+"
    )
    port: Port | None = Field(None, description="Port of the embedded broker. Unset: a free one, kept afterwards.")
    heap_mb: Annotated[int, Field(ge=128, le=65536)] = Field(
        256, description="Heap of the embedded broker's Java machine, in MiB."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to speak to the broker."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="Needed with SASL."
    )
    sasl_username: str | None = Field(None, description="Needed with SASL.")
    sasl_password: SecretStr | None = Field(None, description="Needed with SASL.")
    ssl_cafile: Path | None = Field(None, description="Certificates to trust, PEM. Unset: the system's.")
    ssl_certfile: Path | None = Field(None, description="Client certificate, PEM, for mutual TLS.")
    ssl_keyfile: Path | None = Field(None, description="Key of the client certificate, PEM.")


class LogSettings(Section):
    """What the processes write about themselves."""

    format: Literal["auto", "json", "text"] = Field(
        "auto", description="`auto`: text in a terminal, else JSON, one object a line."
    )
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least level that is written.")


class Settings(Section):
    mode: Literal["development", "production"] = Field(
        "development",
        description="In `production` nothing is embedded or generated: a missing address or secret stops the start.",
    )
    home: Path = Field(
        Path(".lyceum"), description="Folder of the embedded servers' data, logs, generated secrets and state."
    )
    cache: Path | None = Field(
        None, description="Folder for downloaded server packages, shared between checkouts. Unset: the user's cache."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="At least 32 characters. Keys the hashes of API secrets, signs `more` links and derives the "
        "readers' passwords: whoever changes it invalidates all of these.",
        min_length=32,
    )
    database: DatabaseSettings = DatabaseSettings.model_construct()
    kafka: KafkaSettings = KafkaSettings.model_construct()
    log: LogSettings = LogSettings.model_construct()


REQUIRED_IN_PRODUCTION = (
    "secret_key",
    "database.url",
    "kafka.bootstrap",
)


@dataclass(frozen=True)
class Setting:
    """One setting as the documentation, the error messages and `lyceum settings` know it."""

    path: str
    field: FieldInfo

    @property
    def variable(self) -> str:
        return PREFIX + self.path.replace(".", "_").upper()

    @property
    def is_secret(self) -> bool:
        return "SecretStr" in str(self.field.annotation)

    @property
    def allowed(self) -> str:
        return _allowed_values(self.field)


def all_settings(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from all_settings(field.annotation, f"{name}.")
        else:
            yield Setting(prefix + name, field)


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
    from difflib import get_close_matches

    return (get_close_matches(name, known, n=1, cutoff=0.0) or known)[0]


def _allowed_values(field: FieldInfo) -> str:
    from typing import get_args

    literals = [arg for outer in (field.annotation, *get_args(field.annotation)) for arg in get_args(outer)]
    words = [repr(value) for value in literals if isinstance(value, str)]
    if words:
        return " or ".join(words)
    kinds = {SecretStr: "a secret", int: "a whole number", Path: "a path", str: "a text", float: "a number"}
    text = next((word for kind, word in kinds.items() if kind.__name__ in str(field.annotation)), "a value")
    bounds = [str(rule) for rule in _rules(field)]
    return f"{text}{' with ' + ', '.join(bounds) if bounds else ''}"


def _rules(field: FieldInfo) -> list[Any]:
    from typing import get_args

    nested = [
        rule
        for arg in get_args(field.annotation)
        for inner in get_args(arg)
        if isinstance(inner, FieldInfo)
        for rule in inner.metadata
    ]
    return [*field.metadata, *nested]
