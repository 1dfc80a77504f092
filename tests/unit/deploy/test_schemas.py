"""Each file in deploy/ by the schema of what reads it, without a network."""

from importlib.resources import files
from typing import Any

import kubernetes_validate
import msgspec
import pytest
from jsonschema import Draft202012Validator

from tests.harness.deployment import MANIFESTS, compose, documents, resources

# The oldest that has all we use, and the newest that the schemas know.
KUBERNETES = ("1.33", kubernetes_validate.latest_version())


class Generated(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    envs: list[str]


class Image(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    name: str
    new_name: str
    new_tag: str


class Patch(msgspec.Struct, forbid_unknown_fields=True):
    target: dict[str, str]
    patch: str


class Kustomization(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """What we use of kustomize."""

    api_version: str
    kind: str
    resources: list[str]
    namespace: str = ""
    images: list[Image] = []
    config_map_generator: list[Generated] = []
    patches: list[Patch] = []


class KafkaLag(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    bootstrap_servers: str
    consumer_group: str
    topic: str
    lag_threshold: str


class Trigger(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    metadata: KafkaLag


class Scaling(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    scale_target_ref: dict[str, str]
    min_replica_count: int
    max_replica_count: int
    polling_interval: int
    cooldown_period: int
    triggers: list[Trigger]


class ScaledObject(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """What we use of KEDA."""

    api_version: str
    kind: str
    metadata: dict[str, str]
    spec: Scaling


def of_compose() -> dict[str, Any]:
    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    return schema


def test_compose__is_by_its_schema() -> None:
    validator = Draft202012Validator(of_compose())
    assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(compose())] == []


def test_compose__what_is_not_is_seen() -> None:
    told = compose()
    told["services"]["lrs"]["restarts"] = "always"
    assert not Draft202012Validator(of_compose()).is_valid(told)


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize(
    "resource",
    [*resources(), *documents(MANIFESTS / "secret.example.yaml")],
    ids=lambda one: f"{one['kind']}-{one['metadata']['name']}",
)
def test_kubernetes__is_by_its_schema(resource: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)


def test_kubernetes__what_is_not_is_seen() -> None:
    resource = documents(MANIFESTS / "lrs.yaml")[0]
    resource["spec"]["template"]["spec"]["enableServiceLink"] = False
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(resource, KUBERNETES[0], strict=True)


@pytest.mark.parametrize("place", ["kustomization.yaml", "lag/kustomization.yaml"])
def test_kustomization__has_what_kustomize_knows(place: str) -> None:
    msgspec.yaml.decode((MANIFESTS / place).read_bytes(), type=Kustomization)


def test_scaledobject__has_what_keda_knows() -> None:
    msgspec.yaml.decode((MANIFESTS / "lag" / "scaledobject.yaml").read_bytes(), type=ScaledObject)
