"""Equal parameters make equal bytes, in either order and within bounded memory."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from simulator.delivery.days import by_day
from simulator.delivery.parcels import Parcel
from simulator.parameters import Parameters, TenantName
from simulator.simulate import simulate
from simulator.sinks.files import FileSink

SMALL = Parameters(statements=3_000, tenants=(TenantName("riverside", "UTC"), TenantName("lakeside", "Asia/Kolkata")))
MEASURE = """
import resource, sys
from pathlib import Path
from simulator.parameters import Parameters
from simulator.simulate import simulate
from simulator.sinks.files import FileSink
folder, statements = Path(sys.argv[1]), int(sys.argv[2])
simulate(Parameters(statements=statements, order=sys.argv[3]), folder, FileSink(folder, compressed=True))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def made(folder: Path, parameters: Parameters, *, compressed: bool = False) -> dict[str, str]:
    simulate(parameters, folder, FileSink(folder, compressed=compressed))
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def changed(**values: Any) -> Parameters:
    return msgspec.structs.replace(SMALL, **values)


@pytest.mark.parametrize("order", ["learner", "day"])
@pytest.mark.parametrize("compressed", [False, True])
def test_bytes__same_seed(tmp_path: Path, order: str, compressed: bool) -> None:
    parameters = changed(order=order)
    one = made(tmp_path / "one", parameters, compressed=compressed)
    assert one == made(tmp_path / "other", parameters, compressed=compressed)
    assert len(one) > 60


def test_bytes__other_seed(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one", SMALL), made(tmp_path / "other", changed(seed=2))
    assert one["statements/riverside.ndjson"] != other["statements/riverside.ndjson"]


def test_tenants__do_not_depend_on_one_another(tmp_path: Path) -> None:
    both = made(tmp_path / "both", SMALL)
    alone = made(tmp_path / "alone", changed(tenants=SMALL.tenants[1:], statements=1_500))
    assert {name: digest for name, digest in both.items() if "lakeside" in name} == {
        name: digest for name, digest in alone.items() if "lakeside" in name
    }


def test_order__by_day_is_the_same_in_order_of_arrival(tmp_path: Path) -> None:
    made(tmp_path / "learner", changed(stored=True))
    made(tmp_path / "day", changed(stored=True, order="day"))
    by_learner, in_order = (statements(tmp_path / folder) for folder in ("learner", "day"))
    assert Counter(by_learner) == Counter(in_order)
    assert arrivals(in_order) == sorted(arrivals(in_order))
    assert arrivals(by_learner) != sorted(arrivals(by_learner))


def statements(folder: Path) -> list[bytes]:
    return (folder / "statements" / "riverside.ndjson").read_bytes().splitlines()


def arrivals(lines: list[bytes]) -> list[str]:
    """A duplicate is the same text once more, whenever it arrives."""
    return [json.loads(line)["stored"] for line in dict.fromkeys(lines)]


def test_order__of_a_day_that_is_sorted_in_pieces(tmp_path: Path) -> None:
    parcels = [Parcel("t", "statement", (n * 7919) % 86_400_000, b'{"n":%d}' % n) for n in range(5_000)]
    parcels += [Parcel("t", "event", 5, b"first")]
    found = list(by_day(parcels, tmp_path, piece=10_000))
    assert found == sorted(parcels, key=lambda one: (one.arrives, one.content, one.text))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("order", ["learner", "day"])
def test_memory__does_not_grow_with_statements(tmp_path: Path, order: str) -> None:
    few, many = (
        int(
            subprocess.run(
                [sys.executable, "-c", MEASURE, str(tmp_path / str(count)), str(count), order],
                check=True, capture_output=True, text=True,
            ).stdout
        )
        for count in (10_000, 70_000)
    )  # fmt: skip
    assert many < few + 40, (few, many)
