"""Plain CSV in and out, by the command."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.tenants import Tenant
from tests.harness.command import Command, Finished
from tests.harness.database import Database
from tests.harness.events import make_event
from tests.integration.lms.tables import contents, tell

TABLES: dict[str, list[list[str]]] = {
    "users": [
        ["user_id", "role", "email", "full_name", "external_id", "attributes", "is_active"],
        ["ada", "student", "Ada@school.example", 'Ada "the first", Lovelace', "7", '{"class": "7b"}', "true"],
        ["bob", "instructor", "", "Bøb\nof two lines", "", "", "false"],
    ],
    "courses": [
        ["course_id", "title", "status", "slug", "starts_at", "ends_at", "length_days", "settings", "published_at",
         "activity_iri", "external_id"],
        ["algebra", "Algebra", "published", "algebra", "2026-02-01", "2026-07-01T12:00:00+02:00", "90", "",
         "2026-01-31T08:00:00Z", "https://lms.example/algebra", ""],
    ],
    "modules": [["course_id", "module_id", "title", "position"], ["algebra", "one", "One", "1"]],
    "lessons": [
        ["lesson_id", "course_id", "module_id", "title", "position", "content_type", "required", "duration_min",
         "activity_iri", "external_id"],
        ["sets", "algebra", "one", "Sets", "1", "video", "yes", "12.50", "https://lms.example/sets", ""],
        ["rings", "algebra", "one", "Rings", "2", "text", "no", "", "", ""],
    ],
    "assessments": [
        ["assessment_id", "course_id", "title", "type", "max_score", "required", "lesson_id", "passing_score",
         "max_attempts", "activity_iri", "external_id"],
        ["test", "algebra", "Test", "quiz", "10", "true", "sets", "5", "2", "", ""],
    ],
    "course_instructors": [["course_id", "user_id"], ["algebra", "bob"]],
    "enrollments": [
        ["course_id", "user_id", "status", "enrolled_at", "completed_at", "due_at", "cohort"],
        ["algebra", "ada", "active", "2026-02-01 08:30", "", "2026-06-30", "spring"],
    ],
    "lesson_progress": [
        ["lesson_id", "user_id", "status", "progress_pct", "started_at", "completed_at"],
        ["sets", "ada", "completed", "100", "2026-02-02", "2026-02-03"],
        ["rings", "ada", "in_progress", "33.3", "2026-02-04", ""],
    ],
    "submissions": [
        ["assessment_id", "user_id", "attempt_number", "status", "submitted_at", "score", "graded_at", "external_id"],
        ["test", "ada", "1", "graded", "2026-02-05", "7.5", "2026-02-06", ""],
    ],
}  # fmt: skip
AS_OF = "2026-03-01"


def write(folder: Path, tables: Mapping[str, Sequence[Sequence[str]]], encoding: str = "utf-8", **options: Any) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding=encoding) as file:
            csv.writer(file, **options).writerows(rows)
    return folder


@pytest.fixture
def school(database: Database) -> Tenant:
    return database.tenant("school")


@pytest.fixture
def bring(lyceum: Command, school: Tenant, tmp_path: Path) -> Any:
    def run(source: Path, *options: str) -> Finished:
        report = ("--report", str(tmp_path / "problems.csv"))
        return lyceum("lms", "import", str(source), "--tenant", "school", *report, *options)

    return run


def problems(tmp_path: Path) -> list[dict[str, str]]:
    with (tmp_path / "problems.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def held(database: Database, tenant: Tenant) -> dict[str, list[Any]]:
    with database.service("ingest") as connection:
        found = contents(connection, tenant.tenant_id)
    del found["imports"]
    return found


def ask(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.service("ingest") as connection:
        return connection.execute(query).fetchall()


@pytest.mark.both_databases
def test_import__every_table(database: Database, bring: Any, tmp_path: Path) -> None:
    done = bring(write(tmp_path / "in", TABLES), "--as-of", AS_OF, "--json")
    assert done.code == 0, done.err
    assert {one["table"]: (one["rows"], one["new"]) for one in done.json} == {
        name: (len(rows) - 1, len(rows) - 1) for name, rows in TABLES.items()
    }
    assert ask(database, "select full_name, is_active, attributes from lms.users order by 1") == [
        ('Ada "the first", Lovelace', True, {"class": "7b"}), ("Bøb\nof two lines", False, {}),
    ]  # fmt: skip
    assert ask(database, "select status, completed_at::text from lms.lesson_progress order by lesson_id") == [
        ("in_progress", None), ("completed", "2026-02-03 00:00:00+00"),
    ]  # fmt: skip
    assert ask(database, "select cardinality(mbox_sha1sums) from lms.users where user_id = 'ada'") == [(2,)]
    assert ask(database, "select distinct source from ingest.batches where source = 'import'") == [("import",)]
    assert ask(database, "select required, happened_at::text from lms.lesson_history order by 1") == [
        (False, "2026-03-01 00:00:00+00"), (True, "2026-03-01 00:00:00+00"),
    ]  # fmt: skip


@pytest.mark.both_databases
def test_export__imported_again_is_equal(
    database: Database, school: Tenant, lyceum: Command, bring: Any, tmp_path: Path
) -> None:
    assert bring(write(tmp_path / "in", TABLES), "--as-of", AS_OF).code == 0
    out, again = tmp_path / "out", tmp_path / "again"
    assert lyceum("lms", "export", str(out), "--tenant", "school").code == 0
    before = held(database, school)
    other = database.tenant("other")
    assert lyceum("lms", "import", str(out), "--tenant", "other", "--as-of", AS_OF).code == 0
    assert lyceum("lms", "export", str(again), "--tenant", "other").code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }
    assert without_marks(held(database, other)) == without_marks(before)


def without_marks(tables: dict[str, list[Any]]) -> Any:
    return re.sub(r"\\\\x[0-9a-f]{64}", "", json.dumps(tables))


def test_import__the_same_file_for_the_same_time_is_nothing_to_do(
    database: Database, school: Tenant, bring: Any, tmp_path: Path
) -> None:
    source = write(tmp_path / "in", TABLES)
    assert bring(source, "--as-of", AS_OF).code == 0
    before = held(database, school)
    done = bring(source, "--as-of", AS_OF)
    assert "Nothing to do" in done.out
    assert held(database, school) == before


def test_import__a_correction_for_the_same_time_wins(database: Database, bring: Any, tmp_path: Path) -> None:
    for title in ("Algebra", "Algebra I", "Algebra"):
        rows = [["course_id", "title", "status"], ["algebra", title, "draft"]]
        assert bring(write(tmp_path / "in", {"courses": rows}), "--as-of", AS_OF).code == 0
        assert ask(database, "select title from lms.courses") == [(title,)]


def test_import__later_events_stand_and_earlier_ones_do_not(
    database: Database, school: Tenant, bring: Any, tmp_path: Path
) -> None:
    assert bring(write(tmp_path / "in", TABLES), "--as-of", AS_OF).code == 0
    for day, status in ((2, "withdrawn"), (1, "completed")):
        moment = f"2026-0{day + 1}-15T00:00:00Z"
        changed = make_event("enrollment.updated", {"courseId": "algebra", "status": status}, timestamp=moment)
        tell(database, school.tenant_id, changed)
    assert ask(database, "select status from lms.enrollments") == [("withdrawn",)]


def test_import__what_waited_is_applied(database: Database, school: Tenant, bring: Any, tmp_path: Path) -> None:
    done = make_event("lesson.completed", {"lessonId": "rings"}, timestamp="2026-04-01T00:00:00Z")
    assert tell(database, school.tenant_id, done).waiting == 1
    assert bring(write(tmp_path / "in", TABLES), "--as-of", AS_OF).code == 0
    assert ask(database, "select status from lms.lesson_progress where lesson_id = 'rings'") == [("completed",)]
    assert ask(database, "select count(*) from lms.waiting_events") == [(0,)]


def test_import__a_column_that_is_not_there_stays(database: Database, bring: Any, tmp_path: Path) -> None:
    assert bring(write(tmp_path / "in", TABLES), "--as-of", AS_OF).code == 0
    fewer = {
        "users": [["user_id", "role"], ["ada", "admin"]],
        "enrollments": [["course_id", "user_id", "status", "enrolled_at"], ["algebra", "ada", "active", "2026-02-02"]],
    }
    assert bring(write(tmp_path / "fewer", fewer), "--as-of", "2026-03-02").code == 0
    assert ask(database, "select role, email, external_id from lms.users where user_id = 'ada'") == [
        ("admin", "Ada@school.example", "7")
    ]
    assert ask(database, "select cohort, due_at::text from lms.enrollments") == [("spring", "2026-06-30 00:00:00+00")]


@pytest.mark.parametrize(("options", "removed"), [((), [("rings",)]), (("--partial",), [])])
def test_import__a_lesson_left_out_of_its_course_is_removed(
    database: Database, bring: Any, tmp_path: Path, options: tuple[str, ...], removed: list[Any]
) -> None:
    assert bring(write(tmp_path / "in", TABLES), "--as-of", AS_OF).code == 0
    fewer = write(tmp_path / "fewer", {"lessons": TABLES["lessons"][:2]})
    done = bring(fewer, "--as-of", "2026-03-02", "--json", *options)
    assert [(one["new"], one["changed"], one["removed"]) for one in done.json] == [(0, 0, len(removed))]
    assert ask(database, "select lesson_id from lms.lessons where removed_at = '2026-03-02'") == removed


def test_import__dry_run_changes_nothing(database: Database, school: Tenant, bring: Any, tmp_path: Path) -> None:
    before = held(database, school)
    done = bring(write(tmp_path / "in", TABLES), "--dry-run")
    assert done.code == 0, done.err
    assert "Dry run" in done.out
    assert "lesson_progress" in done.out
    assert held(database, school) == before
    assert ask(database, "select count(*) from lms.imports") == [(0,)]


BAD = {
    "an unknown user": ("enrollments", ["algebra", "eve", "active", "2026-02-01", "", "", ""], "user_id", "eve"),
    "an impossible day": ("enrollments", ["algebra", "bob", "active", "2026-02-30", "", "", ""], "enrolled_at",
                          "2026-02-30"),
    "a status unheard of": ("enrollments", ["algebra", "bob", "paused", "2026-02-01", "", "", ""], "status", "paused"),
    "nothing where something is needed": ("enrollments", ["algebra", "", "active", "2026-02-01", "", "", ""],
                                          "user_id", ""),
    "the same row again": ("enrollments", ["algebra", "ada", "active", "2026-02-01", "", "", ""],
                           "course_id, user_id", "algebra, ada"),
    "too few fields": ("enrollments", ["algebra", "bob"], "status", "algebra,bob"),
    "no number": ("lessons", ["x", "algebra", "one", "X", "first", "text", "no", "", "", ""], "position", "first"),
    "another course's module": ("lessons", ["x", "algebra", "two", "X", "1", "text", "no", "", "", ""], "module_id",
                                "two"),
    "no JSON": ("users", ["eve", "student", "", "", "", "{", ""], "attributes", "{"),
    "JSON that no database can keep": ("users", ["eve", "student", "", "", "", '{"a": "\\u0000"}', ""], "attributes",
                                       '{"a": "\\u0000"}'),
    "JSON that is no object": ("users", ["eve", "student", "", "", "", "[1]", ""], "attributes", "[1]"),
    "an id too long": ("users", ["x" * 256, "student", "", "", "", "", ""], "user_id", "x" * 200),
    "an end before the beginning": ("courses", ["x", "X", "draft", "", "2026-02-02", "2026-02-01", "", "", "", "", ""],
                                    "ends_at", "2026-02-01"),
    "a pass above the most": ("assessments", ["x", "algebra", "X", "quiz", "9", "no", "", "10", "", "", ""],
                              "passing_score", "10"),
    "a score above the most": ("submissions", ["test", "ada", "2", "graded", "2026-02-05", "10.50", "2026-02-06", ""],
                               "score", "10.50"),
    "a time ahead": ("submissions", ["test", "ada", "2", "submitted", "2299-02-05", "", "", ""], "submitted_at",
                     "2299-02-05"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_import__a_bad_row_refuses_its_file_and_is_reported(
    database: Database, school: Tenant, bring: Any, tmp_path: Path, bad: str
) -> None:
    table, row, column, value = BAD[bad]
    assert bring(write(tmp_path / "in", TABLES), "--as-of", AS_OF).code == 0
    before = held(database, school)
    header, good, *_ = TABLES[table]
    rows = [header, good, row]
    done = bring(write(tmp_path / "bad", {table: rows}), "--as-of", "2026-03-02")
    assert done.code == 1
    assert f"{table}.csv, line 3" in done.err
    (problem,) = problems(tmp_path)
    assert (problem["file"], problem["line"], problem["column"], problem["value"]) == (
        f"{table}.csv", "3", column, value,
    )  # fmt: skip
    assert problem["reason"]
    assert held(database, school) == before


def test_import__lines_are_counted_as_an_editor_does(bring: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "users.csv").write_text(
        'user_id,role,full_name\na,student,"one\ntwo\n"\n\nb,teacher,\nc,student,\nd,x,\n'
    )
    assert bring(folder).code == 1
    assert [(problem["line"], problem["value"]) for problem in problems(tmp_path)] == [("6", "teacher"), ("8", "x")]


def test_import__a_wrong_header(bring: Any, tmp_path: Path) -> None:
    assert bring(write(tmp_path / "in", {"users": [["user_id", "colour", "email", "email"]]})).code == 1
    assert [(problem["column"], problem["line"]) for problem in problems(tmp_path)] == [
        ("colour", "1"), ("role", "1"), ("email", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_import__encodings_and_delimiters(
    database: Database, bring: Any, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    folder = write(tmp_path / "in", {"users": TABLES["users"]}, encoding, delimiter=delimiter)
    assert bring(folder).code == 0
    assert ask(database, "select full_name from lms.users where user_id = 'bob'") == [("Bøb\nof two lines",)]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_import__line_endings_and_quotes(
    database: Database, bring: Any, tmp_path: Path, ending: str, quoting: int
) -> None:
    folder = write(tmp_path / "in", {"users": TABLES["users"]}, lineterminator=ending, quoting=quoting)
    assert bring(folder).code == 0
    assert ask(database, "select full_name, email from lms.users where user_id = 'ada'") == [
        ('Ada "the first", Lovelace', "Ada@school.example")
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"user_id,role\na\0b,student\n", "line 2: the character U+0000"),
        (b'user_id,role\n"ada,student\n', "line"),
        (b"user_id,role\nada,student,1\n", "line 2"),
    ],
)
def test_import__broken_files(bring: Any, tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "users.csv").write_bytes(content)
    done = bring(tmp_path / "users.csv")
    assert done.code == 1
    assert told in done.err


def test_import__tenants_have_their_own_rows(
    database: Database, school: Tenant, lyceum: Command, bring: Any, tmp_path: Path
) -> None:
    database.tenant("other")
    source = write(tmp_path / "in", TABLES)
    assert bring(source).code == 0
    before = held(database, school)
    changed = {**TABLES, "users": [["user_id", "role", "full_name"], ["ada", "admin", "X"], ["bob", "admin", "Y"]]}
    other = lyceum("lms", "import", str(write(source, changed)), "--tenant", "other")
    assert other.code == 0, other.err
    assert held(database, school) == before
