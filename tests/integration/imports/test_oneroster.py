"""OneRoster bundles, as student systems export them."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from tests.integration.imports.exports import LATER, School, write

HEAD = ["sourcedId", "status", "dateLastModified"]
USERS_1_1 = [*HEAD, "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName",
             "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password"]  # fmt: skip
CLASSES = [*HEAD, "title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId",
           "termSourcedIds", "subjects", "subjectCodes", "periods"]  # fmt: skip
ENROLLMENTS = [*HEAD, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"]
LINE_ITEMS = [*HEAD, "title", "description", "assignDate", "dueDate", "classSourcedId", "categorySourcedId",
              "gradingPeriodSourcedId", "resultValueMin", "resultValueMax"]  # fmt: skip
RESULTS = [*HEAD, "lineItemSourcedId", "studentSourcedId", "scoreStatus", "score", "scoreDate", "comment"]

ORGS = [[*HEAD, "name", "type", "identifier", "parentSourcedId"], ["o1", "", "", "Riverside", "school", "", ""]]
SESSIONS = [
    [*HEAD, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"],
    ["t1", "", "", "Autumn", "term", "2025-09-01", "2025-12-19", "", "2026"],
    ["t2", "", "", "Spring", "term", "2026-01-05", "2026-06-30", "", "2026"],
]
COURSES = [
    [*HEAD, "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes"],
    ["k1", "", "", "", "Mathematics", "M", "", "o1", "Maths", ""],
]


def user(user_id: str, role: str, status: str = "", enabled: str = "true", given: str = "Ada") -> list[str]:
    return [user_id, status, "", enabled, "o1", role, f"{user_id}.name", "", given, "Lovelace", "", "77",
            f"{user_id}@school.example", "", "", "", "07", ""]  # fmt: skip


def a_class(class_id: str, terms: str = "t1,t2", status: str = "", title: str = "Algebra") -> list[str]:
    return [class_id, status, "", title, "", "k1", f"{class_id}-code", "scheduled", "", "o1", terms, "", "", ""]


def enrollment(class_id: str, user_id: str, role: str = "student", status: str = "", begin: str = "") -> list[str]:
    return [f"{class_id}-{user_id}-{status}", status, "", class_id, "o1", user_id, role, "", begin, ""]


def item(item_id: str, category: str = "", most: str = "20", status: str = "") -> list[str]:
    return [item_id, status, "", "Sums", "", "", "", "c1", category, "", "0", most]


def result(item_id: str, user_id: str, status: str, score: str, gone: str = "") -> list[str]:
    return [f"{item_id}-{user_id}", gone, "", item_id, user_id, status, score, "2026-02-01", ""]


BUNDLE: dict[str, list[list[str]]] = {
    "orgs": ORGS,
    "academicSessions": SESSIONS,
    "courses": COURSES,
    "classes": [CLASSES, a_class("c1"), a_class("c2", "t1")],
    "categories": [[*HEAD, "title"], ["q", "", "", "Quizzes"]],
    "users": [USERS_1_1, user("ada", "student"), user("bob", "teacher"), user("eve", "administrator", enabled="false"),
              user("mum", "parent"), user("cy", "student")],
    "enrollments": [ENROLLMENTS, enrollment("c1", "ada", begin="2025-09-08"), enrollment("c1", "cy"),
                    enrollment("c1", "bob", "teacher")],
    "lineItems": [LINE_ITEMS, item("i1", "q"), item("i2")],
    "results": [RESULTS, result("i1", "ada", "fully graded", "17.5"), result("i2", "ada", "submitted", ""),
                result("i2", "cy", "exempt", "")],
}  # fmt: skip


def bundle(folder: Path, tables: dict[str, list[list[str]]], mode: str = "bulk", version: str = "1.1") -> Path:
    names = ("orgs", "academicSessions", "courses", "classes", "categories", "users", "roles", "enrollments",
             "lineItems", "results", "demographics")  # fmt: skip
    modes = [[f"file.{name}", mode if name in tables else "absent"] for name in names]
    head = [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", version]]
    return write(folder, {**tables, "manifest": [*head, *modes]})


@pytest.mark.both_databases
def test_bundle__becomes_our_tables(school: School, tmp_path: Path) -> None:
    imported = school.bring(bundle(tmp_path / "in", BUNDLE))
    assert {one.table: one.new for one in imported} == {
        "users": 4, "courses": 2, "assessments": 2, "course_instructors": 1, "enrollments": 2, "submissions": 2,
    }  # fmt: skip
    assert school.ask("select user_id, role, full_name, external_id, is_active from lms.users order by 1") == [
        ("ada", "student", "Ada Lovelace", "ada.name", True), ("bob", "instructor", "Ada Lovelace", "bob.name", True),
        ("cy", "student", "Ada Lovelace", "cy.name", True), ("eve", "admin", "Ada Lovelace", "eve.name", False),
    ]  # fmt: skip
    assert school.ask("select attributes from lms.users where user_id = 'ada'") == [
        ({"identifier": "77", "grades": "07", "org": "Riverside"},)
    ]
    assert school.ask("select status, starts_at::date::text, ends_at::date::text, settings ->> 'course', external_id "
                      "from lms.courses order by course_id") == [
        ("published", "2025-09-01", "2026-07-01", "Mathematics", "c1-code"),
        ("published", "2025-09-01", "2025-12-20", "Mathematics", "c2-code"),
    ]  # fmt: skip
    assert school.ask("select user_id, status, enrolled_at::date::text from lms.enrollments order by 1") == [
        ("ada", "active", "2025-09-08"), ("cy", "active", "2025-09-01"),
    ]  # fmt: skip
    assert school.ask("select user_id from lms.course_instructors") == [("bob",)]
    assert school.ask("select assessment_id, type, max_score, required from lms.assessments order by 1") == [
        ("i1", "quiz", 20, False), ("i2", "assignment", 20, False),
    ]  # fmt: skip
    assert school.ask("select assessment_id, status, score, graded_at::date::text from lms.submissions order by 1") == [
        ("i1", "graded", 17.5, "2026-02-01"), ("i2", "submitted", None, None),
    ]  # fmt: skip


def test_bundle__version_1_2_names_roles_in_a_file_of_their_own(school: School, tmp_path: Path) -> None:
    header = [name for name in USERS_1_1 if name not in ("role", "orgSourcedIds")] + ["primaryOrgSourcedId"]
    people = [user("ada", ""), user("bob", "")]
    rows = [[cell for name, cell in zip(USERS_1_1, row, strict=True) if name in header] + ["o1"] for row in people]
    roles = [
        [*HEAD, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId", "userProfileSourcedId"],
        ["r1", "", "", "ada", "primary", "student", "", "", "o1", ""],
        ["r2", "", "", "bob", "secondary", "student", "", "", "o1", ""],
        ["r3", "", "", "bob", "primary", "districtAdministrator", "", "", "o1", ""],
    ]
    tables = {"orgs": ORGS, "users": [header, *rows], "roles": roles}
    school.bring(bundle(tmp_path / "in", tables, version="1.2"))
    assert school.ask("select user_id, role, attributes ->> 'org' from lms.users order by 1") == [
        ("ada", "student", "Riverside"), ("bob", "admin", "Riverside"),
    ]  # fmt: skip


def test_bulk__who_is_missing_from_a_class_is_withdrawn(school: School, tmp_path: Path) -> None:
    school.bring(bundle(tmp_path / "in", BUNDLE))
    fewer = {**BUNDLE, "enrollments": [ENROLLMENTS, enrollment("c1", "ada", begin="2025-09-08")]}
    school.bring(bundle(tmp_path / "fewer", fewer), LATER)
    assert school.ask("select user_id, status from lms.enrollments order by 1") == [
        ("ada", "active"), ("cy", "withdrawn"),
    ]  # fmt: skip
    assert school.ask("select removed_at is not null from lms.course_instructors") == [(True,)]


def test_bulk__and_stays_where_that_was_asked_for(school: School, tmp_path: Path) -> None:
    school.bring(bundle(tmp_path / "in", BUNDLE))
    fewer = {**BUNDLE, "enrollments": [ENROLLMENTS, enrollment("c1", "ada")]}
    school.bring(bundle(tmp_path / "fewer", fewer), LATER, is_complete=False)
    assert school.ask("select distinct status from lms.enrollments") == [("active",)]


def test_delta__changes_and_takes_away_what_it_names_only(school: School, tmp_path: Path) -> None:
    school.bring(bundle(tmp_path / "in", BUNDLE))
    gone = "tobedeleted"
    delta = {
        "classes": [CLASSES, a_class("c1", "t2", "active", "Algebra I"), a_class("c2", "", gone)],
        "users": [USERS_1_1, user("cy", "student", gone)],
        "enrollments": [ENROLLMENTS, enrollment("c1", "cy", status=gone), enrollment("c1", "bob", "teacher", gone)],
        "lineItems": [LINE_ITEMS, item("i2", status=gone)],
        "results": [RESULTS, result("i1", "ada", "fully graded", "17.5", gone=gone)],
    }
    school.bring(bundle(tmp_path / "delta", delta, "delta"), LATER)
    # It says nothing of terms: what is known stays.
    assert school.ask("select title, status, starts_at::date::text from lms.courses order by course_id") == [
        ("Algebra I", "published", "2025-09-01"), ("Algebra", "archived", "2025-09-01"),
    ]  # fmt: skip
    assert school.ask("select user_id from lms.users where not is_active order by 1") == [("cy",), ("eve",)]
    assert school.ask("select user_id, status from lms.enrollments order by 1") == [
        ("ada", "active"), ("cy", "withdrawn"),
    ]  # fmt: skip
    assert school.ask("select removed_at from lms.course_instructors") == [(LATER,)]
    assert school.ask("select assessment_id from lms.assessments where removed_at = '2026-03-02'") == [("i2",)]
    assert school.ask("select score from lms.submissions where assessment_id = 'i1'") == [(None,)]


def test_bundle__who_is_in_a_class_twice_counts_once(school: School, tmp_path: Path) -> None:
    twice = [enrollment("c1", "ada", status="tobedeleted"), enrollment("c1", "ada", begin="2026-01-07")]
    school.bring(bundle(tmp_path / "in", {**BUNDLE, "enrollments": [ENROLLMENTS, *twice]}))
    assert school.ask("select status, enrolled_at::date::text from lms.enrollments") == [("active", "2026-01-07")]


def test_bundle__as_a_zip_with_a_folder_inside(school: School, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "in", BUNDLE)
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"export/{path.name}")
    assert len(school.bring(tmp_path / "bundle.zip")) == 6


def test_bundle__the_same_again_is_nothing_to_do(school: School, tmp_path: Path) -> None:
    source = bundle(tmp_path / "in", BUNDLE)
    school.bring(source)
    before = school.held()
    assert all(one.is_known for one in school.bring(source))
    assert school.held() == before


BAD: dict[str, tuple[str, list[str], str, str]] = {
    "no score": ("results", result("i1", "cy", "fully graded", "A+"), "score", "A+"),
    "a score above the most": ("results", result("i1", "cy", "fully graded", "21"), "score", "21"),
    "an unknown student": ("results", result("i1", "dan", "submitted", ""), "studentSourcedId", "dan"),
    "an unknown class": ("enrollments", enrollment("c9", "ada"), "classSourcedId", "c9"),
    "an unknown term": ("classes", a_class("c3", "t9"), "termSourcedIds", "t9"),
    "no day": ("enrollments", enrollment("c1", "eve", begin="8.9.2025"), "beginDate", "8.9.2025"),
    "a most of nothing": ("lineItems", item("i3", most="0"), "resultValueMax", "0"),
    "no name": ("classes", a_class("c3", title=""), "title", ""),
}


@pytest.mark.parametrize("bad", BAD)
def test_bundle__a_bad_row_refuses_all_of_it(school: School, tmp_path: Path, bad: str) -> None:
    table, row, column, value = BAD[bad]
    before = school.held()
    tables = {**BUNDLE, table: [*BUNDLE[table], row]}
    (problem,) = school.problems(bundle(tmp_path / "in", tables))
    assert (problem.file, problem.line, problem.column, problem.value) == (
        f"{table}.csv", len(tables[table]), column, value,
    )  # fmt: skip
    assert school.held() == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": "1.0"}, "allowed: 1.1 or 1.2"),
        ({"mode": "sometimes"}, "allowed: bulk, delta, absent"),
    ],
)
def test_manifest__wrong(school: School, tmp_path: Path, change: dict[str, Any], told: str) -> None:
    problems = school.problems(bundle(tmp_path / "in", BUNDLE, **change))
    assert {problem.reason for problem in problems} == {told}


def test_manifest__a_file_that_is_not_there(school: School, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "in", BUNDLE)
    (folder / "orgs.csv").unlink()
    (problem,) = school.problems(folder)
    assert (problem.file, problem.line) == ("orgs.csv", None)


def test_zip__that_is_none(school: School, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no")
    with pytest.raises(UserError, match="no zip archive"):
        school.bring(tmp_path / "x.zip")
