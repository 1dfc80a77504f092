"""The alerts: on metrics that there are, and each with a page that says what to do."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from core.settings import DatabaseSettings, LrsSettings, Settings
from ingest.metrics import Metrics
from lrs.services import make_services
from tests.harness.deployment import DEPLOY, ROOT

SEVERITIES = {"critical", "warning"}
PARTS = ("**Means.**", "**Look.**", "**Do.**", "**Over**")
METRIC = re.compile(r"\b((?:lyceum|process)_\w+)(?:\{([^}]*)\})?")


def alerts() -> list[dict[str, Any]]:
    told = msgspec.yaml.decode((DEPLOY / "prometheus" / "rules.yaml").read_bytes())
    return [rule for group in told["groups"] for rule in group["rules"]]


def trials() -> list[dict[str, Any]]:
    told = msgspec.yaml.decode((DEPLOY / "prometheus" / "rules.test.yaml").read_bytes())
    return [one for group in told["tests"] for one in group.get("alert_rule_test", ())]


def page() -> str:
    return (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def labels_by_sample(registry: CollectorRegistry) -> Iterator[tuple[str, set[str]]]:
    for collector, names in registry._collector_to_names.items():
        for name in names:
            yield name, {*getattr(collector, "_labelnames", ()), *({"le"} if name.endswith("_bucket") else ())}
    # Of the process, which are not known beforehand.
    yield from ((sample.name, set()) for family in registry.collect() for sample in family.samples if not sample.labels)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    database = DatabaseSettings(url=SecretStr("postgresql://127.0.0.1/x"), password_lrs=SecretStr("x"))
    home: Path = tmp_path_factory.mktemp("home")
    settings = Settings(
        home=home,
        secret_key=SecretStr("x" * 32),
        database=database,
        lrs=LrsSettings(publish=False, attachments="memory://"),
    )
    registries = (make_services(settings).metrics.registry, Metrics().registry)
    return dict(pair for registry in registries for pair in labels_by_sample(registry))


every_alert = pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])


@every_alert
def test_alert__asks_for_metrics_that_are_exported(alert: dict[str, Any], exported: dict[str, set[str]]) -> None:
    found = METRIC.findall(alert["expr"])
    assert found
    for name, selectors in found:
        assert name in exported
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selectors)) <= exported[name]


@every_alert
def test_alert__is_tried_both_ways(alert: dict[str, Any]) -> None:
    tried = [one["exp_alerts"] for one in trials() if one["alertname"] == alert["alert"]]
    assert [] in tried
    assert any(tried)


@every_alert
def test_alert__says_how_bad_it_is_and_where_to_read(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["annotations"].keys() == {"summary", "runbook"}
    assert alert["annotations"]["runbook"] == f"docs/operations.md#{alert['alert'].lower()}"


@every_alert
def test_runbook__says_what_to_do(alert: dict[str, Any]) -> None:
    section = re.search(rf"^### {alert['alert']}\n(.*?)(?=^##|\Z)", page(), re.MULTILINE | re.DOTALL)
    assert section is not None
    assert [part for part in PARTS if part not in section[1]] == []


@every_alert
def test_table__has_the_threshold(alert: dict[str, Any]) -> None:
    row = re.search(
        rf"^\| \[{alert['alert']}\]\(#{alert['alert'].lower()}\) \| (\w+) \| (.*) \|$", page(), re.MULTILINE
    )
    assert row is not None
    assert row[1] == alert["labels"]["severity"]
    if "for" in alert:
        assert f"for {alert['for'].removesuffix('m')} min" in row[2]


def test_table__has_no_others() -> None:
    named = re.findall(r"^\| \[(Lyceum\w+)\]", page(), re.MULTILINE)
    assert named == [alert["alert"] for alert in alerts()]
    assert re.findall(r"^### (Lyceum\w+)", page(), re.MULTILINE) == named
