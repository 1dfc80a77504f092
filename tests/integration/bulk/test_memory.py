"""However large the file is: what the process takes does not grow with it."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from tests.harness.bulk import School
from tests.harness.command import Finished
from tests.harness.statements import make_statement

MIB = 1 << 20
ALLOWED = 100 * MIB

pytestmark = pytest.mark.timeout(900)


def run(school: School, *arguments: str) -> tuple[Finished, int]:
    """And the most memory that the process had at once."""
    process = school.lyceum.start(*arguments)
    most = 0
    while process.poll() is None:
        # Gone in between, it has no memory; the line is the most since its start, so the last look is enough.
        status = Path(f"/proc/{process.pid}/status").read_text()
        most = max(most, int(status.partition("VmHWM:")[2].partition("kB")[0] or 0) * 1024)
        time.sleep(0.02)
    out, err = process.communicate()
    return Finished(process.returncode, out, err), most


def statements(count: int) -> Iterator[bytes]:
    before, after = json.dumps(make_statement(id="ID", result={"response": "x" * 400})).encode().split(b"ID")
    for number in range(count):
        yield before + str(uuid4()).encode() + after.replace(b"lessons/1", b"lessons/%d" % (number % 200))


def in_lines(count: int) -> Iterable[bytes]:
    return (statement + b"\n" for statement in statements(count))


def in_array(count: int) -> Iterable[bytes]:
    return chain([b"["], (statement + b",\n" for statement in statements(count - 1)), statements(1), [b"]"])


def write(path: Path, pieces: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(pieces)
    return path


@pytest.mark.parametrize("form", [in_lines, in_array])
def test_memory__of_an_import_and_an_export(
    school: School,
    tmp_path: Path,
    size: SimpleNamespace,
    proof: Callable[..., None],
    form: Callable[[int], Iterable[bytes]],
) -> None:
    count = size.imported_statements
    few, many = write(tmp_path / "few", form(10)), write(tmp_path / "many", form(count))
    _, least = run(school, *school.command, str(few), "--json")
    imported, most = run(school, *school.command, str(many), "--json")
    assert imported.json["stored"] == count
    assert most - least < ALLOWED
    target = tmp_path / "exported"
    export = ["statements", "export", "--tenant", "school", "-o", str(target)]
    _, least_out = run(school, *export, "--limit", "10")
    _, most_out = run(school, *export)
    assert target.read_bytes().count(b"\n") == count + 10
    assert most_out - least_out < ALLOWED
    proof(
        megabytes=many.stat().st_size // MIB, import_grew_by_mib=(most - least) // MIB,
        export_grew_by_mib=(most_out - least_out) // MIB, statements_a_second=imported.json["per_second"],
    )  # fmt: skip


def test_memory__of_an_array_larger_than_that(
    school: School, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    block = b",\n".join(statements(1000)) + b",\n"
    blocks = size.array_megabytes * MIB // len(block) + 1
    large = write(tmp_path / "large", chain([b"["], (block for _ in range(blocks)), statements(1), [b"]"]))
    few = write(tmp_path / "few", in_array(10))
    _, least = run(school, *school.command, str(few), "--dry-run")
    checked, most = run(school, *school.command, str(large), "--dry-run", "--json")
    assert checked.json["read"] == blocks * 1000 + 1
    assert large.stat().st_size > ALLOWED
    assert most - least < ALLOWED
    proof(megabytes=large.stat().st_size // MIB, grew_by_mib=(most - least) // MIB)


@pytest.mark.parametrize("beginning", [b'[{"a":"', b'[{"a":[', b'{"a":"', b'[{"a":"b\\'])
def test_memory__of_a_statement_that_does_not_end(
    school: School, tmp_path: Path, size: SimpleNamespace, beginning: bytes
) -> None:
    endless = write(tmp_path / "endless", chain([beginning], (b"1," * (MIB // 2) for _ in range(size.array_megabytes))))
    few = write(tmp_path / "few", in_array(10))
    _, least = run(school, *school.command, str(few), "--dry-run")
    checked, most = run(school, *school.command, str(endless), "--dry-run", "--json")
    assert (checked.json["read"], checked.json["rejected"]) == (1, 1)
    assert most - least < ALLOWED
