"""Dead letters, as the table and as the topic have them."""

from typing import Any, NamedTuple

import msgspec

from tests.harness.pipeline import Pipeline


class Letter(NamedTuple):
    reason: str
    partition: int
    offset: int
    position: int | None
    statement_id: str | None
    payload: bytes


TABLE = """
select reason, topic_partition, record_offset, position_in_record, statement_id::text, payload
from ingest.dead_letters order by dead_letter_id
"""


def in_table(pipeline: Pipeline) -> list[Letter]:
    with pipeline.database.admin() as connection:
        return [Letter(*row) for row in connection.execute(TABLE)]


def in_topic(pipeline: Pipeline) -> set[Letter]:
    """Without ids. What is there twice is one letter: it was sent before its transaction committed."""
    return {_letter(record) for record in pipeline.topics.records(pipeline.topics.names.dead_letters)}


def _letter(record: Any) -> Letter:
    """Of a record in which one statement failed, or none in particular."""
    said = msgspec.json.decode(dict(record.headers)["deadLetter"])
    assert len(said["positions"]) <= 1
    position = said["positions"][0] if said["positions"] else None
    return Letter(said["reason"], said["partition"], said["offset"], position, None, record.value)
