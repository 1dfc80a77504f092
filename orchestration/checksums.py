"""What each model and seed is defined by, so that what is defined otherwise than before is made anew."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from dbt.contracts.graph.manifest import Manifest

PACKAGE = "lyceum"
# What changes a table itself; descriptions and tests do not.
CONFIG = ("materialized", "schema", "key", "scope", "touches", "indexes", "contract", "column_types")


def checksums(manifest: Manifest) -> dict[str, str]:
    """By node: of its text, its configuration, its columns' types and the macros that it uses."""
    return {
        node_id: sha256("\n".join(_parts(manifest, node)).encode()).hexdigest()
        for node_id, node in manifest.nodes.items()
        if node.resource_type in {"model", "seed"}
    }


def changed_nodes(manifest: Manifest, present: Mapping[str, str], known: Mapping[str, str]) -> set[str]:
    """With all that is made from them."""
    changed = {node_id for node_id, checksum in present.items() if known.get(node_id) != checksum}
    waiting = list(changed)
    while waiting:
        children = {child for child in manifest.child_map[waiting.pop()] if child in present} - changed
        changed |= children
        waiting += children
    return changed


def _parts(manifest: Manifest, node: Any) -> Iterator[str]:
    yield node.checksum.checksum
    config = node.config.to_dict()
    yield json.dumps({name: config.get(name) for name in CONFIG}, sort_keys=True, default=str)
    yield json.dumps({name: column.data_type for name, column in node.columns.items()}, sort_keys=True)
    if node.resource_type == "model":
        yield from (manifest.macros[macro].macro_sql for macro in sorted(_macros(manifest, node)))


def _macros(manifest: Manifest, node: Any) -> set[str]:
    found: set[str] = set()
    waiting = list(node.depends_on.macros)
    while waiting:
        macro = waiting.pop()
        if macro not in found and macro in manifest.macros and manifest.macros[macro].package_name == PACKAGE:
            found.add(macro)
            waiting += manifest.macros[macro].depends_on.macros
    return found
