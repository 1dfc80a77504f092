"""What stands in deploy/: each process of ours that compose or Kubernetes starts, told in the same way."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import typer

from cli.main import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = DEPLOY / "kubernetes"
# What compose puts in where deploy/.env, as its example has it, says nothing else.
SUBSTITUTION = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


class Process(NamedTuple):
    """`ports` are those it is reached by from outside; `probes` what it is asked, as an address or a port."""

    place: str
    arguments: tuple[str, ...]
    variables: dict[str, str]
    secrets: frozenset[str]
    ports: frozenset[int]
    probes: tuple[str, ...]

    @property
    def command(self) -> str:
        return " ".join(self.arguments[:2])


def leaf(arguments: tuple[str, ...]) -> tuple[Any, list[str]]:
    """The command of `lyceum` that is meant, and what is left for it."""
    found: Any = typer.main.get_command(app).get_command(None, arguments[0])  # type: ignore[attr-defined]
    rest = list(arguments[1:])
    while hasattr(found, "commands"):
        found = found.commands[rest.pop(0)]
    return found, rest


def documents(path: Path) -> list[dict[str, Any]]:
    parts = re.split(r"^---$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [msgspec.yaml.decode(part) for part in parts]


def example_variables(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def compose() -> dict[str, Any]:
    given = example_variables(DEPLOY / ".env.example")
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    decoded: dict[str, Any] = msgspec.yaml.decode(SUBSTITUTION.sub(lambda found: given[found[1]], text))
    return decoded


def resources() -> list[dict[str, Any]]:
    """Of Kubernetes, those that kustomize applies."""
    listed = documents(MANIFESTS / "kustomization.yaml")[0]["resources"]
    return [document for name in listed for document in documents(MANIFESTS / name)]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in resources() if one["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in resources()
        if one["kind"] in {"Deployment", "Job"}
    }


def image_variables() -> dict[str, str]:
    last = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    return dict(re.findall(r"\b(LYCEUM_\w+)=(\S+)", last))


def processes() -> list[Process]:
    return [*_of_compose(), *_of_kubernetes()]


def _of_compose() -> Iterator[Process]:
    for name, service in compose()["services"].items():
        if not service["image"].startswith("lyceum:"):
            continue
        yield Process(
            f"compose {name}",
            tuple(service["command"]),
            image_variables() | service["environment"],
            frozenset(service["secrets"]),
            frozenset(),
            tuple(re.findall(r"https?://[^']+|\('127.0.0.1', \d+\)", str(service.get("healthcheck", "")))),
        )


def _of_kubernetes() -> Iterator[Process]:
    shared = {
        generated["name"]: example_variables(MANIFESTS / generated["envs"][0])
        for generated in documents(MANIFESTS / "kustomization.yaml")[0]["configMapGenerator"]
    }
    for name, pod in pods().items():
        secrets = frozenset(
            item["key"] for volume in pod["volumes"] if "secret" in volume for item in volume["secret"]["items"]
        )
        # With a command of its own it is for a person, and nothing of ours runs yet.
        ours = [one for one in (*pod.get("initContainers", ()), *pod["containers"]) if "command" not in one]
        for container in ours:
            told = [shared[one["configMapRef"]["name"]] for one in container["envFrom"] if "configMapRef" in one]
            own = {one["name"]: one["value"] for one in container["env"]}
            yield Process(
                f"kubernetes {name}/{container['name']}",
                tuple(container["args"]),
                image_variables() | {key: value for each in told for key, value in each.items()} | own,
                secrets,
                frozenset(port["containerPort"] for port in container.get("ports", ())),
                tuple(_probes(container)),
            )


def _probes(container: dict[str, Any]) -> Iterator[str]:
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = container.get(name, {})
        if asked := probe.get("httpGet"):
            yield f"http://127.0.0.1:{ports[asked['port']]}{asked['path']}"
        yield from re.findall(r"https?://[^']+|\('127.0.0.1', \d+\)", str(probe.get("exec", "")))
