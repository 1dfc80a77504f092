"""How every client of the broker connects: address, TLS and SASL from the settings."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import UserError
from core.settings import KafkaSettings

REACH_MS = 5000


class BrokerUnreachableError(UserError):
    exit_code = 4


def client_options(kafka: KafkaSettings) -> dict[str, Any]:
    if kafka.bootstrap is None:
        raise BrokerUnreachableError(
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


@contextmanager
def open_admin(kafka: KafkaSettings) -> Iterator[Any]:
    from kafka import KafkaAdminClient  # noqa: PLC0415 - takes 0.2 s, which most commands need not wait for
    from kafka.errors import KafkaError  # noqa: PLC0415

    options = client_options(kafka)
    quiet_client()
    try:
        admin = KafkaAdminClient(**options, bootstrap_timeout_ms=REACH_MS, request_timeout_ms=REACH_MS)
    except KafkaError as error:
        raise BrokerUnreachableError(
            f"The broker at {kafka.bootstrap} cannot be reached: {error}",
            "Is it running, and is LYCEUM_KAFKA_BOOTSTRAP right? `lyceum up` starts one.",
        ) from error
    try:
        yield admin
    finally:
        admin.close()


def quiet_client() -> None:
    """Of a broker that is away, the client writes several lines a second; whoever uses it says so once."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


def _path(value: object) -> str | None:
    return None if value is None else str(value)
