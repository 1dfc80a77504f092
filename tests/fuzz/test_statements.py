"""Mutated statements and events: each is read or refused with a path, and nothing else happens."""

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace

import psutil
import pytest

from core.errors import UserError
from core.lms.events import read_events
from core.xapi.batches import read_batch
from core.xapi.bodies import compose
from core.xapi.errors import StatementError
from core.xapi.records import derive
from core.xapi.statements import Statement
from core.xapi.versions import Version
from tests.harness.event_examples import EXAMPLES
from tests.harness.events import event_body
from tests.harness.mutating import Mutator
from tests.harness.statements import AUTHORITY, NOW
from tests.unit.core.xapi.examples import ABOUT_SUB_STATEMENT, SMALL, STATEMENT

STATEMENT_ID = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
SEEDS = (STATEMENT, ABOUT_SUB_STATEMENT, SMALL, [STATEMENT, SMALL])
MOST_GROWTH = 64 << 20


@pytest.mark.timeout(3_600)
def test_statements__are_read_or_refused(size: SimpleNamespace, proof: Callable[..., None]) -> None:
    mutator, read = Mutator(seed=1), 0
    before = _resident()
    for number in range(size.fuzzed_statements):
        body = mutator.mutate(SEEDS[number % len(SEEDS)])
        version = Version.V1 if number % 2 else Version.V2
        statements = read_or_refused(body, version)
        read += bool(statements)
        for statement in statements:
            derive(statement, 1)
            composed = compose(statement, statement.id or STATEMENT_ID, version, AUTHORITY)
            assert read_batch(composed, version).statements, body
    grown = _resident() - before
    proof(mutated=size.fuzzed_statements, read=read, crashes=0, grown_mib=grown >> 20)
    assert 0 < read < size.fuzzed_statements
    assert grown < MOST_GROWTH


@pytest.mark.timeout(3_600)
def test_events__are_read_or_refused(size: SimpleNamespace, proof: Callable[..., None]) -> None:
    mutator, read = Mutator(seed=2), 0
    seeds = [[event_body(kind, payload)] for kind, payload in EXAMPLES.items()]
    for number in range(size.fuzzed_statements // 10):
        with suppress(UserError):
            read += len(read_events(mutator.mutate(seeds[number % len(seeds)]), NOW))
    proof(mutated=size.fuzzed_statements // 10, read=read, crashes=0)
    assert read


def read_or_refused(body: bytes, version: Version) -> Sequence[Statement]:
    refusal: StatementError | None = None
    try:
        return read_batch(body, version).statements
    except StatementError as error:
        refusal = error
    assert refusal.path.startswith("statement"), body
    assert refusal.message.isprintable(), body
    return ()


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)
