"""What deploy/ lets in from outside: the LRS and Superset, by the proxy. Nobody at Dagster, ingest and the servers."""

import re
from collections.abc import Iterator
from typing import Any

from tests.harness.deployment import DEPLOY, compose, of_kind, pods, resources

OPEN = {"lrs", "superset"}
WATCHED = {"lrs", "ingest"}


def test_compose__only_the_proxy_is_reached_from_elsewhere() -> None:
    published = {name: service["ports"] for name, service in compose()["services"].items() if "ports" in service}
    elsewhere = {name for name, ports in published.items() if not all(port.startswith("127.0.0.1:") for port in ports)}
    assert elsewhere == {"proxy"}
    assert published.keys() - elsewhere == {"dagster-code"}
    assert not [name for name, service in compose()["services"].items() if service.get("network_mode") == "host"]


def test_proxy__leads_to_the_open_ones_only() -> None:
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    told = re.findall(r"^\s*reverse_proxy (\w+):\d+", text, re.MULTILINE) + re.findall(
        r"^\s*name (\w+)", text, re.MULTILINE
    )
    assert set(told) == OPEN
    assert text.count("reverse_proxy") == len(OPEN)


def test_kubernetes__ingresses_lead_to_the_open_ones_only() -> None:
    rules = [rule for ingress in of_kind("Ingress").values() for rule in ingress["spec"]["rules"]]
    backends = {path["backend"]["service"]["name"] for rule in rules for path in rule["http"]["paths"]}
    assert backends == OPEN
    assert not [name for name, ingress in of_kind("Ingress").items() if "defaultBackend" in ingress["spec"]]


def test_kubernetes__no_service_or_pod_opens_a_port_of_a_machine() -> None:
    assert {service["spec"].get("type", "ClusterIP") for service in of_kind("Service").values()} == {"ClusterIP"}
    assert not [name for name, service in of_kind("Service").items() if "externalIPs" in service["spec"]]
    assert not [name for name, pod in pods().items() if pod.get("hostNetwork") or pod.get("hostPID")]
    assert not [one for one in resources() if "hostPort" in str(one)]


def test_kubernetes__who_may_be_asked_by_whom() -> None:
    let_in = {
        (name, source) for policy in of_kind("NetworkPolicy").values() for name, source in _lets_in(policy["spec"])
    }
    assert let_in == {(name, "ingress-nginx") for name in OPEN} | {(name, "monitoring") for name in WATCHED}
    assert of_kind("NetworkPolicy")["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def _lets_in(policy: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for rule in policy.get("ingress", ()):
        for source in rule["from"]:
            (expression,) = policy["podSelector"]["matchExpressions"]
            for name in expression["values"]:
                yield name, source["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
