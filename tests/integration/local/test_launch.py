import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.child import launch_arguments
from local.command import Command, Privileges
from local.leftovers import leftovers
from local.preparation import Preparation
from tests.harness.waiting import wait_until

# Only root has privileges to be without.
OF_THIS_USER = list(Privileges) if os.geteuid() == 0 else [Privileges.SAME]
WITHOUT_ROOT = [privileges for privileges in OF_THIS_USER if privileges != Privileges.SAME or os.geteuid() != 0]

PARENT = """
import signal, subprocess, sys, time
from pathlib import Path
from local.child import launch_arguments, marks_of
from local.command import Command, Privileges
command = Command(("sleep", "600"), privileges=Privileges(sys.argv[2]))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(launch_arguments(command, signal.SIGTERM, marks_of(Path(sys.argv[1]), "sleep")))
time.sleep(600)
"""


@pytest.fixture
def preparation() -> Preparation:
    return Preparation(note=lambda _: None, marks={})


@pytest.mark.parametrize("privileges", WITHOUT_ROOT)
def test_run__not_root_and_yet_below_a_closed_folder(
    preparation: Preparation, tmp_path: Path, privileges: Privileges
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").write_text("content")
    code = f"import os; print(os.geteuid(), open({str(closed / 'file')!r}).read(), os.access({str(closed)!r}, os.X_OK))"
    done = preparation.run(Command(("python3", "-c", code), {"PATH": os.defpath}, privileges))
    uid, *seen = done.stdout.split()
    assert int(uid) != 0
    assert seen == ["content", "True"]


@pytest.mark.parametrize("privileges", OF_THIS_USER)
def test_launch__ends_with_its_parent(tmp_path: Path, privileges: Privileges) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), privileges]) as parent:
        wait_until(lambda: [child.name() for child in leftovers(tmp_path)] == ["sleep"])
        parent.kill()
    wait_until(lambda: leftovers(tmp_path) == [])


def test_launch__parent_is_gone_already() -> None:
    arguments = launch_arguments(Command(("echo", "runs")), signal.SIGTERM, {})
    middleman = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", middleman, *arguments], capture_output=True, text=True, check=False)
    assert "the supervisor is gone" in done.stderr
    assert "runs" not in done.stdout
