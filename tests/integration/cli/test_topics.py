"""`lyceum topics show`: one record, by its place."""

import secrets
from collections.abc import Iterator

import pytest

from core.settings import Settings
from tests.harness.command import Command
from tests.harness.topics import TopicHand


@pytest.fixture
def topics(server: Settings) -> Iterator[TopicHand]:
    topics = TopicHand(server.kafka.model_copy(update={"topic_prefix": f"t{secrets.token_hex(4)}."}))
    topics.create()
    yield topics
    topics.delete()
    topics.forget()


def test_show__what_lies_there(topics: TopicHand, lyceum: Command) -> None:
    places = [topics.send(text.encode()) for text in ("one", "zwei ü", "three")]
    partition, offset = places[1]
    shown = lyceum("topics", "show", topics.statements, str(partition), str(offset))
    assert (shown.code, shown.out) == (0, "zwei ü\n")


def test_show__no_such_place(topics: TopicHand, lyceum: Command) -> None:
    partition, offset = topics.send(b"only")
    beyond = lyceum("topics", "show", topics.statements, str(partition), str(offset + 1))
    assert beyond.code == 1
    assert beyond.err == (
        f"Error: There is no record {offset + 1} in partition {partition} of {topics.statements}.\n"
        f"There are those from {offset} on, below {offset + 1}.\n"
    )
    nowhere = lyceum("topics", "show", f"{topics.statements}x", "0", "0")
    assert nowhere.code == 1
    assert "There is no partition 0 of" in nowhere.err
