"""docs/data-dictionary.md: every mart and its columns, as dbt describes them."""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.catalogue import folders_of, manifest

HEAD = """# Data dictionary

Made by `lyceum marts dictionary` from what dbt knows of its models: do not edit it here. Readers and analysts find
these tables in the schema `marts`, each with its tenant's rows only; `ops_…` are the operator's.
"""


def dictionary() -> str:
    return "\n".join([HEAD, *_subjects()]).rstrip() + "\n"


def _subjects() -> Iterator[str]:
    subject = ""
    for node in sorted(_marts(), key=lambda one: (folders_of(one), one["name"])):
        if folders_of(node)[-1] != subject:
            subject = folders_of(node)[-1]
            yield f"## {subject.capitalize()}\n"
        yield from _mart(node)


def _marts() -> Iterator[Mapping[str, Any]]:
    for node in manifest()["nodes"].values():
        if node["resource_type"] == "model" and folders_of(node)[0] == "marts":
            yield node


def _mart(node: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {node['name']}\n"
    yield f"{_line(node['description'])}\n"
    if "personal data" in str(node["meta"].get("contains") or node["config"]["meta"].get("contains")):
        yield "Contains personal data.\n"
    yield "| Column | Type | What |\n|---|---|---|"
    for column in node["columns"].values():
        yield f"| `{column['name']}` | {column['data_type'] or ''} | {_line(column['description'])} |"
    yield ""


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
