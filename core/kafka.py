"""How every client of the broker connects: address, TLS and SASL from the settings."""

from typing import Any

from core.errors import UserError
from core.settings import KafkaSettings


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    if kafka.bootstrap is None:
        raise UserError(
            "No broker is known: LYCEUM_KAFKA_BOOTSTRAP is not set and no embedded one is running.",
            "Start one with `lyceum up`, or set LYCEUM_KAFKA_BOOTSTRAP.",
        )
    options: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap.split(","),
        "security_protocol": kafka.security_protocol,
        "sasl_mechanism": kafka.sasl_mechanism,
        "sasl_plain_username": kafka.sasl_username,
        "sasl_plain_password": kafka.sasl_password.get_secret_value() if kafka.sasl_password else None,
        "ssl_cafile": _path(kafka.ssl_cafile),
        "ssl_certfile": _path(kafka.ssl_certfile),
        "ssl_keyfile": _path(kafka.ssl_keyfile),
    }
    return {name: value for name, value in options.items() if value is not None}


def _path(value: object) -> str | None:
    return None if value is None else str(value)
