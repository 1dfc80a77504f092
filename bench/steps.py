"""How long each SQL statement of the writer takes, in one connection and nothing beside it.

`python -m bench.steps --size 400` prints microseconds per statement of xAPI, in transactions of that size.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self

from psycopg import Cursor, connect
from psycopg.abc import Params

from bench.servers import Access, embedded_database, make_access
from bench.statements import Generator, array
from core.database.address import role_conninfo
from core.envelope import AcceptedStatement, Envelope
from core.settings import Settings
from core.writer.staging import prepare_staging
from core.writer.vocabulary import Vocabulary
from core.writer.write import write
from core.xapi.batches import read_batch
from core.xapi.bodies import compose
from core.xapi.records import derive
from core.xapi.versions import Version

AUTHORITY = b'{"account":{"homePage":"https://lms.example.org","name":"content"}}'
WARM_UP = 10
SECONDS: dict[str, float] = defaultdict(float)


class TimedCursor(Cursor[Any]):
    def execute(self, query: Any, params: Params | None = None, **options: Any) -> Self:
        with _timed(" ".join(str(query).split())[:60]):
            return super().execute(query, params, **options)


@contextmanager
def _timed(step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    SECONDS[step] += time.perf_counter() - began


def measure(settings: Settings, access: Access, size: int, transactions: int) -> None:
    generator = Generator(seed=3)
    vocabulary = Vocabulary()
    with connect(
        role_conninfo(settings.database, "lyceum_lrs"), autocommit=True, prepare_threshold=2, cursor_factory=TimedCursor
    ) as connection:
        prepare_staging(connection)
        for number in range(WARM_UP + transactions):
            if number == WARM_UP:
                SECONDS.clear()
            body = array(generator.batch(size, "2026-06-01T10:30:12.120Z"))
            with _timed("(before the database: reading, keys, digest, body)"):
                accepted = accept(access.tenant_id, body)
            with _timed("(all of the transaction)"), connection.transaction():
                begin = "select batch_id, stored from ingest.begin_write_through(%s)"
                row = connection.execute(begin, [access.tenant_id]).fetchone()
                assert row is not None
                envelope = Envelope(access.tenant_id, access.credential_id, datetime.now(UTC), accepted)
                with _timed("(the writer, with its SQL)"):
                    write(connection, "request", row[0], [(envelope, row[1])], vocabulary)
            vocabulary.committed()


def accept(tenant_id: int, body: bytes) -> list[AcceptedStatement]:
    return [
        AcceptedStatement(str(one.id), derive(one, tenant_id), compose(one, str(one.id), Version.V1, AUTHORITY))
        for one in read_batch(body, Version.V1).statements
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="The writer's SQL, step by step.")
    parser.add_argument("--size", type=int, default=400, help="statements a transaction")
    parser.add_argument("--transactions", type=int, default=60)
    options = parser.parse_args()
    with embedded_database() as settings:
        measure(settings, make_access(settings), options.size, options.transactions)
    count = options.size * options.transactions
    for step, seconds in sorted(SECONDS.items(), key=lambda item: -item[1]):
        print(f"{seconds / count * 1e6:8.1f} µs  {step}")


if __name__ == "__main__":
    main()
