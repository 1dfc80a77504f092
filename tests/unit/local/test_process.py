import pytest

from local.command import Command
from local.process import Process, in_order


def process(name: str, *after: str) -> Process:
    return Process(name, lambda _: Command(("true",)), after=after)


def test_in_order__each_after_what_it_needs() -> None:
    listed = [process("lrs", "migrate", "kafka"), process("migrate", "database"), process("kafka"), process("database")]
    assert [one.name for one in in_order(listed)] == ["database", "migrate", "kafka", "lrs"]


def test_in_order__circle() -> None:
    with pytest.raises(ValueError, match="a -> b -> a"):
        in_order([process("a", "b"), process("b", "a")])
