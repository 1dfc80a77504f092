"""The manifests: whole, consistent with one another and with the code, and nothing allowed that is not needed."""

import re
from typing import Any

import pytest

from core.settings import KafkaSettings, LrsSettings
from core.topics import group_name, topic_names
from tests.harness.deployment import MANIFESTS, documents, example_variables, of_kind, pods, resources

every_pod = pytest.mark.parametrize("name", pods())


def containers(name: str) -> list[dict[str, Any]]:
    return [*pods()[name].get("initContainers", ()), *pods()[name]["containers"]]


def test_kustomization__names_every_file() -> None:
    told = documents(MANIFESTS / "kustomization.yaml")[0]
    there = {path.name for path in MANIFESTS.glob("*.yaml")}
    assert {*told["resources"], "kustomization.yaml", "secret.example.yaml"} == there
    assert {one["envs"][0] for one in told["configMapGenerator"]} == {path.name for path in MANIFESTS.glob("*.env")}
    component = documents(MANIFESTS / "lag" / "kustomization.yaml")[0]
    assert {*component["resources"], "kustomization.yaml"} == {path.name for path in (MANIFESTS / "lag").iterdir()}


def test_names__are_unique() -> None:
    named = [(one["kind"], one["metadata"]["name"]) for one in resources()]
    assert len(set(named)) == len(named)


@every_pod
def test_pod__is_told_nothing_that_looks_like_a_setting(name: str) -> None:
    """Else a service named `lyceum-lrs` would set LYCEUM_LRS_PORT."""
    assert pods()[name]["enableServiceLinks"] is False


@every_pod
def test_pod__may_do_nothing(name: str) -> None:
    pod = pods()[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(name):
        allowed = container["securityContext"]
        assert allowed["allowPrivilegeEscalation"] is False
        assert allowed["readOnlyRootFilesystem"] is True
        assert allowed["capabilities"] == {"drop": ["ALL"]}


@every_pod
def test_pod__has_places_to_write(name: str) -> None:
    volumes = {volume["name"]: volume for volume in pods()[name]["volumes"]}
    for container in containers(name):
        mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}
        assert {path for path, volume in mounted.items() if "emptyDir" in volume} == {"/var/lib/lyceum", "/tmp"}


@every_pod
def test_pod__asks_for_what_it_needs(name: str) -> None:
    for container in containers(name):
        assert container["image"] == "lyceum"
        assert container["resources"]["requests"].keys() == container["resources"]["limits"].keys() == {"cpu", "memory"}


def test_deployments__that_are_several_stay_up() -> None:
    budgets = {one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"]
               for one in of_kind("PodDisruptionBudget").values()}  # fmt: skip
    alone = {name for name, one in of_kind("Deployment").items() if one["spec"].get("replicas", 2) < 2}
    assert budgets == of_kind("Deployment").keys() - alone
    assert alone == {"dagster", "admin"}
    assert of_kind("Deployment")["admin"]["spec"]["replicas"] == 0
    assert of_kind("Deployment")["dagster"]["spec"]["strategy"] == {"type": "Recreate"}


def test_autoscaler__of_the_lrs_decides_alone() -> None:
    scaler = of_kind("HorizontalPodAutoscaler")["lrs"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == "lrs"
    assert "replicas" not in of_kind("Deployment")["lrs"]["spec"]
    assert scaler["minReplicas"] >= 2


def test_selectors__find_something() -> None:
    labelled = {name: one["spec"]["template"]["metadata"]["labels"] for name, one in of_kind("Deployment").items()}
    for name, deployment in of_kind("Deployment").items():
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labelled[name].items()
    for service in of_kind("Service").values():
        selected = service["spec"]["selector"]["app.kubernetes.io/name"]
        ports = {port["name"] for container in containers(selected) for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    for policy in of_kind("NetworkPolicy").values():
        for expression in policy["spec"]["podSelector"].get("matchExpressions", ()):
            assert set(expression["values"]) <= labelled.keys()


def test_ingress__leads_to_services() -> None:
    for ingress in of_kind("Ingress").values():
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                ports = of_kind("Service")[backend["name"]]["spec"]["ports"]
                assert backend["port"]["name"] in {port["name"] for port in ports}


def test_ingress__lets_the_largest_body_through() -> None:
    size = of_kind("Ingress")["lrs"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert int(size.removesuffix("m")) > LrsSettings().max_body_mb


def test_secret__has_what_pods_mount() -> None:
    secret = documents(MANIFESTS / "secret.example.yaml")[0]
    assert not any(secret["stringData"].values())
    mounted = {
        item["key"]
        for pod in pods().values()
        for volume in pod["volumes"]
        if (given := volume.get("secret"))
        for item in given["items"]
    }
    assert secret["stringData"].keys() == mounted


def test_lag__is_that_of_the_groups_that_consume() -> None:
    given = example_variables(MANIFESTS / "settings.env")
    kafka = KafkaSettings(bootstrap=given["LYCEUM_KAFKA_BOOTSTRAP"], partitions=int(given["LYCEUM_KAFKA_PARTITIONS"]))
    scaled = documents(MANIFESTS / "lag" / "scaledobject.yaml")[0]["spec"]
    watched = {(one["metadata"]["topic"], one["metadata"]["consumerGroup"]) for one in scaled["triggers"]}
    topics = topic_names(kafka)
    assert watched == {(topic, group_name(kafka, topic)) for topic in (topics.statements, topics.events)}
    assert {one["metadata"]["bootstrapServers"] for one in scaled["triggers"]} == {kafka.bootstrap}
    assert scaled["maxReplicaCount"] == kafka.partitions
    assert scaled["scaleTargetRef"]["name"] in of_kind("Deployment")


def test_network__is_open_to_the_ports_that_settings_name() -> None:
    egress = of_kind("NetworkPolicy")["servers"]["spec"]["egress"]
    ports = {port["port"] for rule in egress for port in rule["ports"]}
    given = example_variables(MANIFESTS / "settings.env") | example_variables(MANIFESTS / "database.env")
    named = [given["LYCEUM_KAFKA_BOOTSTRAP"], given["LYCEUM_DATABASE_URL"]]
    assert {int(found[1]) for text in named if (found := re.search(r":(\d+)(?:/|$)", text))} <= ports
