"""Every setting of Lyceum, typed and described."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.fields import FieldInfo

PREFIX = "LYCEUM_"
DEFAULT_LRS_PORT = 8400
DEFAULT_DAGSTER_PORT = 8401
DEFAULT_SUPERSET_PORT = 8402

Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)


class DatabaseSettings(Section):
    """TimescaleDB or PostgreSQL."""

    url: SecretStr | None = Field(
        None,
        description="Address, `postgresql://[user:password@]host[:port]/name[?sslmode=…]`. Unset: the embedded "
        "database is started. The login in it, which must be allowed to create roles, is used by `lyceum migrate`, "
        "`tenants`, `credentials`, `statements`, `backup`, `restore` and `doctor` only; services log in by the roles "
        "below.",
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
    password_dagster: SecretStr | None = Field(None, description="Password of the role `lyceum_dagster`.")
    password_superset: SecretStr | None = Field(None, description="Password of the role `lyceum_superset`.")
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
    topic_prefix: str = Field(
        "lyceum.", description="Begins the names of topics and consumer groups.", pattern=r"^[a-zA-Z0-9._-]{1,100}$"
    )
    partitions: Annotated[int, Field(ge=1, le=1000)] = Field(
        4, description="Partitions of the topic of statements, when `lyceum topics create` makes it."
    )
    replication_factor: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None, description="Copies of each partition. Unset: 3 where there are as many brokers, else 1."
    )
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        30, description="How long topics keep records; an erasure is complete when this time is over."
    )
    max_record_mb: Annotated[int, Field(ge=1, le=1024)] = Field(
        48, description="The largest record of a topic, in MiB: one request's statements, with what the LRS adds."
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


class LrsSettings(Section):
    """The Learning Record Store."""

    host: str = Field("127.0.0.1", description="Address to listen on; `0.0.0.0` for all.", min_length=1)
    port: Port | None = Field(
        None, description="Port to listen on. Unset: 8400; under `lyceum up`, a free one where that is taken."
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(1, description="Processes that share the port.")
    pool_size: Annotated[int, Field(ge=1, le=100)] = Field(8, description="Reading connections a worker.")
    writers: Annotated[int, Field(ge=1, le=16)] = Field(
        2, description="Threads a worker that write, each with a connection."
    )
    max_body_mb: Annotated[int, Field(ge=1, le=1024)] = Field(
        32, description="The largest body of a request, attachments included, in MiB; more is answered 413."
    )
    max_statements: Annotated[int, Field(ge=1, le=100_000)] = Field(
        1000, description="The most statements of one request; more are answered 413."
    )
    max_limit: Annotated[int, Field(ge=1, le=10_000)] = Field(
        500, description="The most statements of one answer; `limit=0` means this many."
    )
    attachments: str | None = Field(
        None,
        description="Where attachments lie: `file:///folder`, `s3://bucket/prefix`, `gs://…`, `az://…` or `memory://`, "
        "which forgets. Credentials of clouds come from the variables that their own tools read, such as "
        "`AWS_ACCESS_KEY_ID`. Unset: the folder `attachments` in the home folder, which only one machine sees.",
        pattern=r"^(file|s3|gs|az|memory)://",
    )
    auth_refresh: Annotated[float, Field(ge=0.1, le=60)] = Field(
        3, description="Seconds that a credential is trusted before it is looked up again."
    )
    auth_grace: Annotated[int, Field(ge=0, le=604_800)] = Field(
        3600, description="Seconds that a known credential stays valid while the database is away."
    )
    publish: bool = Field(
        True, description="Statements go to Kafka first. `false`: straight into the database, as where no broker is."
    )
    visibility_wait: Annotated[float, Field(ge=0, le=10)] = Field(
        0.25, description="Seconds that an answer waits at most until what was sent can be read."
    )
    publish_timeout: Annotated[float, Field(ge=0.2, le=30)] = Field(
        1.5, description="Seconds without an answer from the broker after which statements are written through."
    )
    publish_buffer_mb: Annotated[int, Field(ge=1, le=4096)] = Field(
        64, description="How much may wait for the broker, in MiB; more is answered 503."
    )
    rate_limit: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="Requests a second and tenant; more are answered 429. 0: no limit."
    )
    access_log: bool = Field(True, description="A line for each request.")
    query_timeout: Annotated[float, Field(ge=0.5, le=300)] = Field(
        10, description="Seconds that a query may take in the database."
    )


class IngestSettings(Section):
    """From Kafka into the database."""

    host: str = Field("127.0.0.1", description="Address to listen on, for health and metrics.", min_length=1)
    port: Port | None = Field(None, description="Port for health and metrics. Unset: a free one, kept afterwards.")
    batch_statements: Annotated[int, Field(ge=1, le=50_000)] = Field(
        4000, description="The most statements of one transaction, unless a single request had more."
    )
    bulk_batch_statements: Annotated[int, Field(ge=1, le=50_000)] = Field(
        250, description="The same for imports while live statements come in, which wait behind them."
    )
    session_timeout: Annotated[float, Field(ge=6, le=300)] = Field(
        10, description="Seconds after which a consumer that is not heard of loses its partitions."
    )
    max_failures: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        1000,
        description="Dead letters in an hour, conflicts left out and each tenant counted for a tenth at most, after "
        "which ingest stops: that many are our defect, not theirs.",
    )


class DagsterSettings(Section):
    """Dagster, which refreshes the marts."""

    port: Port | None = Field(
        None, description="Port of its pages. Unset: 8401; under `lyceum up`, a free one where that is taken."
    )
    alert_url: str | None = Field(
        None, description="Gets a POST of `{subject, text}` when a run fails.", pattern=r"^https?://"
    )


class SupersetSettings(Section):
    """Superset, where people look at dashboards."""

    host: str = Field("127.0.0.1", description="Address to listen on; `0.0.0.0` for all.", min_length=1)
    port: Port | None = Field(
        None, description="Port of its pages. Unset: 8402; under `lyceum up`, a free one where that is taken."
    )
    url: str | None = Field(
        None,
        description="The address people reach it by. With `https` its cookies are sent over TLS only, and a proxy in "
        "front of it is believed. Unset: this machine's.",
        pattern=r"^https?://[^\s/]+$",
    )
    python: Path | None = Field(
        None, description="Python of its environment. Unset: `.venv-superset/bin/python` beside Lyceum's own."
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Processes, each with 8 threads.")
    cache: str | None = Field(
        None,
        description="`redis://…` or `rediss://…`, for charts' results, where several machines run Superset. Unset: the "
        "folder `superset/cache` in the home folder.",
        pattern=r"^rediss?://",
    )
    cache_seconds: Annotated[int, Field(ge=0, le=86_400)] = Field(
        600, description="How long a chart's result is kept at most; a refresh of the marts ends it at once. 0: never."
    )
    oidc_issuer: str | None = Field(
        None,
        description="Sign-in by OpenID Connect: the issuer, whose `/.well-known/openid-configuration` says the rest. "
        "Unset: people sign in with passwords.",
        pattern=r"^https?://[^\s]+$",
    )
    oidc_client_id: str | None = Field(None, description="As the issuer knows Superset; needed with `oidc_issuer`.")
    oidc_client_secret: SecretStr | None = Field(None, description="Needed with `oidc_issuer`.")
    oidc_tenant: str | None = Field(None, description="The tenant whose people all sign in there, by its slug.")
    oidc_tenant_claim: str = Field(
        "tenant",
        description="Where the issuer serves several tenants: the claim that says whose somebody is, by the slug. "
        "Whoever has none can only be an operator.",
        min_length=1,
    )
    oidc_person_claim: str = Field(
        "email",
        description="The claim that holds the mail address. `email` is believed where `email_verified` is true.",
        min_length=1,
    )
    session_hours: Annotated[int, Field(ge=1, le=720)] = Field(12, description="Hours after which one signs in anew.")


class LakeSettings(Section):
    """Parquet files of statements and marts, for analysts."""

    address: str | None = Field(
        None,
        description="Where they lie: `file:///folder`, `s3://bucket/prefix`, `gs://…` or `az://…`. Credentials of "
        "clouds come from the variables that their own tools read. Unset: the folder `lake` in the home folder.",
        pattern=r"^(file|s3|gs|az|memory)://",
    )
    keep_hours: Annotated[int, Field(ge=0, le=168)] = Field(
        1, description="Hours that a file which another has replaced stays, for those who are reading it."
    )


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
    public_url: str = Field(
        "http://127.0.0.1:8400",
        description="The address people and content reach this installation by, as links and authorities say it.",
        pattern=r"^https?://[^\s/]+(/[^\s]*[^\s/])?$",
    )
    database: DatabaseSettings = DatabaseSettings.model_construct()
    kafka: KafkaSettings = KafkaSettings.model_construct()
    lrs: LrsSettings = LrsSettings.model_construct()
    ingest: IngestSettings = IngestSettings.model_construct()
    dagster: DagsterSettings = DagsterSettings.model_construct()
    superset: SupersetSettings = SupersetSettings.model_construct()
    lake: LakeSettings = LakeSettings.model_construct()
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


def _allowed_values(field: FieldInfo) -> str:
    literals = [arg for outer in (field.annotation, *get_args(field.annotation)) for arg in get_args(outer)]
    words = [repr(value) for value in literals if isinstance(value, str)]
    if words:
        return " or ".join(words)
    kinds = {
        SecretStr: "a secret text",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        Path: "a path",
        str: "a text",
    }
    kind = next(word for kind, word in kinds.items() if kind.__name__ in str(field.annotation))
    bounds = ", ".join(_rule_in_words(rule) for rule in _rules(field))
    return f"{kind}, {bounds}" if bounds else kind


def _rule_in_words(rule: Any) -> str:
    match rule:
        case Ge():
            return f"at least {rule.ge}"
        case Le():
            return f"at most {rule.le}"
        case MinLen():
            return f"at least {rule.min_length} characters"
        case _:
            return f"of the form {rule.pattern}"


def _rules(field: FieldInfo) -> list[Any]:
    nested = [
        rule
        for arg in get_args(field.annotation)
        for inner in get_args(arg)
        if isinstance(inner, FieldInfo)
        for rule in inner.metadata
    ]
    return [*field.metadata, *nested]
