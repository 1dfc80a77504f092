import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.database.address import admin_conninfo
from core.settings import Settings
from tests.harness.servers import clean_environment
from tests.integration.imports.exports import School

MOST_BYTES = 500_000_000
COURSES_EACH = 10
# The command, and at its end the most memory that it ever had, in KiB. Not `ru_maxrss`: a started process inherits
# that from the one that started it, which here is the whole test suite.
MEASURED = """
import atexit, sys
from pathlib import Path
from cli.main import main

def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("VmHWM"))

atexit.register(lambda: print(most(), file=sys.stderr))
main()
"""


def write_school(folder: Path, rows: int) -> None:
    people, courses = rows // COURSES_EACH, 200
    with (folder / "users.csv").open("w") as file:
        file.write("user_id,role,email,full_name,external_id\n")
        file.writelines(f'user-{n},student,user{n}@x.example,"Name, {n}",ext-{n}\n' for n in range(people))
    with (folder / "courses.csv").open("w") as file:
        file.write("course_id,title,status\n")
        file.writelines(f"course-{n},Course {n},published\n" for n in range(courses))
    with (folder / "enrollments.csv").open("w") as file:
        file.write("course_id,user_id,status,enrolled_at,completed_at,due_at,cohort\n")
        file.writelines(
            f"course-{(n * 7 + k * 13) % courses},user-{n},active,2026-02-01T08:00:00Z,,2026-07-01,spring\n"
            for n in range(people)
            for k in range(COURSES_EACH)
        )


@pytest.mark.timeout(1200)
def test_import__many_rows_in_little_memory(
    school: School, server: Settings, tmp_path: Path, size: SimpleNamespace, proof: Callable[..., None]
) -> None:
    write_school(tmp_path, size.import_rows)
    given = {"LYCEUM_HOME": str(server.home), "LYCEUM_DATABASE_URL": admin_conninfo(school.database.settings)}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "lms", "import", str(tmp_path), "--tenant", "school"],
        env=clean_environment() | given,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    peak = int(done.stderr.split()[-1]) * 1024
    assert school.ask("select count(*) from lms.enrollments") == [(size.import_rows,)]
    assert peak < MOST_BYTES
    proof(rows=size.import_rows, seconds=seconds, megabytes=peak // 1_000_000)
