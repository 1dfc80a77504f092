import json
import shlex

from cli.example_statement import Example, curl
from simulator.sinks.http import Credential

EXAMPLE = Example(
    1, "u1", "c1", "l1", "Ann O'Hara", "ann.o'hara@school.example", "It's $5", 'The "end"', "https://lms.example/1"
)


def test_curl__a_shell_hands_on_what_was_meant() -> None:
    command = shlex.split(curl(EXAMPLE.statement(), Credential("key", "secret"), "http://127.0.0.1:8400/xAPI"))
    assert json.loads(command[command.index("-d") + 1]) == EXAMPLE.statement()
    assert command[command.index("-u") + 1] == "key:secret"
    assert command[-1] == "http://127.0.0.1:8400/xAPI/statements"


def test_statement__has_another_id_each_time() -> None:
    one, other = EXAMPLE.statement_with_id(), EXAMPLE.statement_with_id()
    assert one.pop("id") != other.pop("id")
    assert one == other == EXAMPLE.statement()
