"""Damage at random, the same for the same seed, and fast: for more tries than Hypothesis has the time for."""

import json
import random
from collections.abc import Callable
from typing import Any

from tests.harness.oddities import ODD_JSON, ODD_TEXTS

Tree = Any
WORDS = (
    "actor", "verb", "object", "result", "context", "timestamp", "id", "objectType", "mbox", "mbox_sha1sum", "openid",
    "account", "homePage", "name", "member", "definition", "type", "interactionType", "correctResponsesPattern",
    "choices", "score", "scaled", "raw", "min", "max", "success", "completion", "duration", "response", "extensions",
    "registration", "instructor", "team", "contextActivities", "parent", "category", "statement", "attachments",
    "usageType", "display", "contentType", "length", "sha2", "authority", "stored", "version", "Agent", "Group",
    "Activity", "SubStatement", "StatementRef", "contextAgents", "contextGroups", "relevantTypes",
)  # fmt: skip


class Mutator:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def text(self) -> str:
        return self.rng.choice(ODD_TEXTS if self.rng.random() < 0.6 else WORDS)

    def tree(self, depth: int = 3) -> Tree:
        pick = self.rng.random()
        if depth and pick < 0.15:
            return [self.tree(depth - 1) for _ in range(self.rng.randrange(3))]
        if depth and pick < 0.35:
            return {self.text(): self.tree(depth - 1) for _ in range(self.rng.randrange(4))}
        numbers = (0, -1, 1.5, 10**400, 2**63, float("nan"), float("inf"), 1e308, True, False, None)
        return self.text() if pick < 0.75 else self.rng.choice(numbers)

    def mutate(self, tree: Tree) -> bytes:
        """A copy with one or two things otherwise, as a body."""
        text = json.dumps(tree)
        changed = json.loads(text)
        for _ in range(self.rng.randint(1, 2)):
            self._change(changed)
        body = json.dumps(changed, ensure_ascii=self.rng.random() < 0.5).encode("utf-8", "surrogatepass")
        return self.damage(body) if self.rng.random() < 0.1 else body

    def damage(self, body: bytes) -> bytes:
        """Bytes taken out, put in, doubled, or a raw value where one was."""
        start = self.rng.randrange(len(body) + 1)
        end = min(len(body), start + self.rng.randrange(8))
        inner = self.rng.choice((
            b"", self.rng.randbytes(self.rng.randrange(6)), body[start : end + 40], self.rng.choice(ODD_JSON).encode(),
        ))  # fmt: skip
        return body[:start] + inner + body[end:]

    def _change(self, tree: Tree) -> None:
        node, key = self._place(tree)
        changes: tuple[Callable[[], None], ...] = (
            lambda: node.__setitem__(key, self.tree()),
            lambda: node.__delitem__(key),
            lambda: node.__setitem__(key, [node[key]]),
            lambda: node.__setitem__(key, json.loads(json.dumps(self._place(tree)[0]))),
            lambda: self._add(node),
        )
        self.rng.choice(changes)()
        if len(json.dumps(tree, skipkeys=True)) > 200_000:
            node.clear()

    def _add(self, node: Tree) -> None:
        if isinstance(node, dict):
            node[self.text()] = self.tree()
        else:
            node.append(self.tree())

    def _place(self, tree: Tree) -> tuple[Tree, Any]:
        """Some container in it and a key there."""
        while True:
            keys = list(tree) if isinstance(tree, dict) else range(len(tree))
            if not keys:
                self._add(tree)
                continue
            key = self.rng.choice(list(keys))
            inner = tree[key]
            if not isinstance(inner, dict | list) or not inner or self.rng.random() < 0.3:
                return tree, key
            tree = inner
