import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import UserError
from local.ports import HOST, choose_port, find_free


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "ports.json"


def test_choose_port__given_and_free(kept: Path) -> None:
    port = find_free(set())
    assert choose_port("kafka", port, "LYCEUM_KAFKA_PORT", kept) == port
    assert not kept.exists()


def test_choose_port__given_and_busy(kept: Path, busy: int) -> None:
    with pytest.raises(UserError, match=rf"Port {busy}, from LYCEUM_KAFKA_PORT, is busy \(held by process \d+, .+\)\."):
        choose_port("kafka", busy, "LYCEUM_KAFKA_PORT", kept)


def test_choose_port__found_is_kept(kept: Path) -> None:
    first = choose_port("kafka", None, "", kept)
    assert choose_port("kafka", None, "", kept) == first


def test_choose_port__kept_but_taken_by_another(kept: Path, busy: int) -> None:
    kept.write_text(json.dumps({"kafka": busy}))
    found = choose_port("kafka", None, "", kept)
    assert found != busy
    assert json.loads(kept.read_text()) == {"kafka": found}


def test_choose_port__two_names(kept: Path) -> None:
    assert choose_port("kafka", None, "", kept) != choose_port("database", None, "", kept)


def test_choose_port__of_two_who_start_at_the_same_moment_each_has_one_of_its_own(kept: Path, tmp_path: Path) -> None:
    preferred = find_free(set())
    program = f"""
import sys
from pathlib import Path
from local.ports import choose_port
print(choose_port("lrs", None, "", Path({str(tmp_path / "other.json")!r}), {preferred}), flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == preferred
        assert choose_port("lrs", None, "", kept, preferred) != preferred
        other.communicate()
    assert choose_port("superset", None, "", kept, preferred) == preferred
