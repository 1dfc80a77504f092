"""What Superset's process is told when it starts: written in our environment, read in its own."""

import msgspec

# Of the environment variable: what it says is a secret of the process, and lies in no file.
VARIABLE = "SUPERSET_SERVICE"
# What is to be published, in the folder of Superset's home.
BUNDLE = "bundle.json"


class Oidc(msgspec.Struct, frozen=True):
    issuer: str
    client_id: str
    client_secret: str
    tenant: str | None
    tenant_claim: str
    person_claim: str


class Service(msgspec.Struct, frozen=True):
    home: str
    host: str
    port: int
    workers: int
    url: str
    # Superset's own tables.
    metadata_url: str
    # The database people look at, without a login: who looks logs in as their tenant's reader.
    data_url: str
    operator: str
    operator_password: str
    # Readers' passwords are derived from it.
    secret_key: str
    session_key: str
    cache: str | None
    cache_seconds: int
    session_hours: int
    oidc: Oidc | None = None


def encode_service(service: Service) -> str:
    return msgspec.json.encode(service).decode()


def decode_service(text: str) -> Service:
    return msgspec.json.decode(text, type=Service)
