"""Plain CSV in and out."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ingest.imports.problems import RefusedError
from tests.harness.command import Command
from tests.harness.events import make_event
from tests.integration.imports.exports import LATER, TABLES, School, write
from tests.integration.lms.tables import tell


@pytest.mark.both_databases
def test_import__every_table(school: School, tmp_path: Path) -> None:
    imported = school.bring(write(tmp_path / "in", TABLES))
    assert {one.table: (one.rows, one.new) for one in imported} == {
        name: (len(rows) - 1, len(rows) - 1) for name, rows in TABLES.items()
    }
    assert school.ask("select full_name, is_active, attributes from lms.users order by 1") == [
        ('Ada "the first", Lovelace', True, {"class": "7b"}), ("Bøb\nof two lines", False, {}),
    ]  # fmt: skip
    assert school.ask("select status, completed_at::text from lms.lesson_progress order by lesson_id") == [
        ("in_progress", None), ("completed", "2026-02-03 00:00:00+00"),
    ]  # fmt: skip
    assert school.ask("select cardinality(mbox_sha1sums) from lms.users where user_id = 'ada'") == [(2,)]
    assert school.ask("select distinct source from ingest.batches where source = 'import'") == [("import",)]
    assert school.ask("select required, happened_at::text from lms.lesson_history order by 1") == [
        (False, "2026-03-01 00:00:00+00"), (True, "2026-03-01 00:00:00+00"),
    ]  # fmt: skip


@pytest.mark.both_databases
def test_export__imported_again_is_equal(school: School, lyceum: Command, tmp_path: Path) -> None:
    school.bring(write(tmp_path / "in", TABLES))
    out, again = tmp_path / "out", tmp_path / "again"
    assert lyceum("lms", "export", str(out), "--tenant", "school").code == 0
    other = School(school.database, school.database.tenant("other"))
    other.bring(out)
    assert lyceum("lms", "export", str(again), "--tenant", "other").code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }
    assert without_marks(other.held()) == without_marks(school.held())


def without_marks(tables: dict[str, list[Any]]) -> Any:
    return re.sub(r"\\\\x[0-9a-f]{64}", "", json.dumps(tables))


def test_import__the_same_file_for_the_same_time_is_nothing_to_do(school: School, tmp_path: Path) -> None:
    source = write(tmp_path / "in", TABLES)
    school.bring(source)
    before = school.held()
    assert all(one.is_known for one in school.bring(source))
    assert school.held() == before


def test_import__a_correction_for_the_same_time_wins(school: School, tmp_path: Path) -> None:
    for title in ("Algebra", "Algebra I", "Algebra"):
        rows = [["course_id", "title", "status"], ["algebra", title, "draft"]]
        school.bring(write(tmp_path / "in", {"courses": rows}))
        assert school.ask("select title from lms.courses") == [(title,)]


def test_import__later_events_stand_and_earlier_ones_do_not(school: School, tmp_path: Path) -> None:
    school.bring(write(tmp_path / "in", TABLES))
    for day, status in ((2, "withdrawn"), (1, "completed")):
        moment = f"2026-0{day + 1}-15T00:00:00Z"
        changed = make_event("enrollment.updated", {"courseId": "algebra", "status": status}, timestamp=moment)
        tell(school.database, school.tenant.tenant_id, changed)
    assert school.ask("select status from lms.enrollments") == [("withdrawn",)]


def test_import__what_waited_is_applied(school: School, tmp_path: Path) -> None:
    done = make_event("lesson.completed", {"lessonId": "rings"}, timestamp="2026-04-01T00:00:00Z")
    assert tell(school.database, school.tenant.tenant_id, done).waiting == 1
    school.bring(write(tmp_path / "in", TABLES))
    assert school.ask("select status from lms.lesson_progress where lesson_id = 'rings'") == [("completed",)]
    assert school.ask("select count(*) from lms.waiting_events") == [(0,)]


def test_import__a_column_that_is_not_there_stays(school: School, tmp_path: Path) -> None:
    school.bring(write(tmp_path / "in", TABLES))
    fewer = {
        "users": [["user_id", "role"], ["ada", "admin"]],
        "enrollments": [["course_id", "user_id", "status", "enrolled_at"], ["algebra", "ada", "active", "2026-02-02"]],
    }
    school.bring(write(tmp_path / "fewer", fewer), LATER)
    assert school.ask("select role, email, external_id from lms.users where user_id = 'ada'") == [
        ("admin", "Ada@school.example", "7")
    ]
    assert school.ask("select cohort, due_at::text from lms.enrollments") == [("spring", "2026-06-30 00:00:00+00")]


@pytest.mark.parametrize(("is_complete", "removed"), [(True, [("rings",)]), (False, [])])
def test_import__a_lesson_left_out_of_its_course_is_removed(
    school: School, tmp_path: Path, is_complete: bool, removed: list[Any]
) -> None:
    school.bring(write(tmp_path / "in", TABLES))
    fewer = write(tmp_path / "fewer", {"lessons": TABLES["lessons"][:2]})
    (done,) = school.bring(fewer, LATER, is_complete=is_complete)
    assert (done.new, done.changed, done.removed) == (0, 0, len(removed))
    assert school.ask("select lesson_id from lms.lessons where removed_at = '2026-03-02'") == removed


def test_import__dry_run_changes_nothing(school: School, tmp_path: Path) -> None:
    before = school.held()
    done = school.bring(write(tmp_path / "in", TABLES), is_dry=True)
    assert {one.table: one.new for one in done} == {name: len(rows) - 1 for name, rows in TABLES.items()}
    assert school.held() == before
    assert school.ask("select count(*) from lms.imports") == [(0,)]


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
def test_import__a_bad_row_refuses_its_file_and_is_reported(school: School, tmp_path: Path, bad: str) -> None:
    table, row, column, value = BAD[bad]
    school.bring(write(tmp_path / "in", TABLES))
    before = school.held()
    header, good, *_ = TABLES[table]
    rows = [header, good, row]
    (problem,) = school.problems(write(tmp_path / "bad", {table: rows}), LATER)
    assert (problem.file, problem.line, problem.column, problem.value[:200]) == (f"{table}.csv", 3, column, value)
    assert problem.reason
    assert school.held() == before


def test_import__lines_are_counted_as_an_editor_does(school: School, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "users.csv").write_text(
        'user_id,role,full_name\na,student,"one\ntwo\n"\n\nb,teacher,\nc,student,\nd,x,\n'
    )
    assert [(problem.line, problem.value) for problem in school.problems(folder)] == [(6, "teacher"), (8, "x")]


def test_import__a_wrong_header(school: School, tmp_path: Path) -> None:
    wrong = write(tmp_path / "in", {"users": [["user_id", "colour", "email", "email"]]})
    assert [(problem.column, problem.line) for problem in school.problems(wrong)] == [
        ("colour", 1), ("role", 1), ("email", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_import__encodings_and_delimiters(school: School, tmp_path: Path, encoding: str, delimiter: str) -> None:
    folder = write(tmp_path / "in", {"users": TABLES["users"]}, encoding, delimiter=delimiter)
    school.bring(folder)
    assert school.ask("select full_name from lms.users where user_id = 'bob'") == [("Bøb\nof two lines",)]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_import__line_endings_and_quotes(school: School, tmp_path: Path, ending: str, quoting: int) -> None:
    folder = write(tmp_path / "in", {"users": TABLES["users"]}, lineterminator=ending, quoting=quoting)
    school.bring(folder)
    assert school.ask("select full_name, email from lms.users where user_id = 'ada'") == [
        ('Ada "the first", Lovelace', "Ada@school.example")
    ]


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 1, "the file is empty"),
        (b"user_id,role\na\0b,student\n", 2, "the character U+0000"),
        (b'user_id,role\n"ada,student\n', 2, "quote"),
        (b"user_id,role\nada,student,1\n", 2, "Number of Columns"),
        (b'"user_id,role\n' + b"ada,student\n" * 500_000, 1, "is a quote missing"),
    ],
)
def test_import__broken_files(school: School, tmp_path: Path, content: bytes, line: int, told: str) -> None:
    (tmp_path / "users.csv").write_bytes(content)
    (problem,) = school.problems(tmp_path / "users.csv")
    assert problem.line == line
    assert told in problem.reason


def test_import__tenants_have_their_own_rows(school: School, tmp_path: Path) -> None:
    source = write(tmp_path / "in", TABLES)
    school.bring(source)
    before = school.held()
    changed = {**TABLES, "users": [["user_id", "role", "full_name"], ["ada", "admin", "X"], ["bob", "admin", "Y"]]}
    School(school.database, school.database.tenant("other")).bring(write(source, changed), LATER)
    assert school.held() == before


def test_import__what_came_before_the_refused_file_stays(school: School, tmp_path: Path) -> None:
    bad = {**TABLES, "courses": [["course_id", "title", "status"], ["x", "X", "open"]]}
    with pytest.raises(RefusedError) as refused:
        school.bring(write(tmp_path / "in", bad))
    assert "Imported before it: users.csv." in refused.value.remedy
    assert school.ask("select count(*) from lms.users") == [(2,)]


def test_import_command__says_what_it_did_and_where_the_problems_are(
    school: School, lyceum: Command, tmp_path: Path
) -> None:
    source, report = write(tmp_path / "in", TABLES), tmp_path / "problems.csv"
    command = ("lms", "import", str(source), "--tenant", "school", "--as-of", "2026-03-01", "--report", str(report))
    assert "Dry run" in lyceum(*command, "--dry-run").out
    done = lyceum(*command, "--json")
    assert {one["table"]: one["new"] for one in done.json}["users"] == 2
    assert "Nothing to do" in lyceum(*command).out
    with school.database.admin() as connection:
        acts = connection.execute("select action from control.audit where action like 'lms.%'").fetchall()
    assert acts == [("lms.import",), ("lms.import",)]
    refused = lyceum(
        *command[:2], str(write(tmp_path / "bad", {"users": [["user_id", "role"], ["x", "y"]]})), *command[3:]
    )
    assert refused.code == 1
    assert "users.csv, line 2, role" in refused.err
    with report.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "file": "users.csv", "line": "2", "column": "role", "value": "y",
        "reason": "allowed: student or instructor or admin",
    }  # fmt: skip
