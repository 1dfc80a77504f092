"""Superset as a browser meets it: signing in and out, headers, cookies, and what the database does to a session."""

import re
from collections.abc import Iterator

import httpx
import pytest

from core.people import set_person_active
from tests.harness.superset import PASSWORD, Superset, csrf_token

ADMIN = "riverside/admin@riverside.example"
TEACHER = "riverside/teacher1@riverside.example"


@pytest.fixture(scope="module")
def teacher(superset: Superset) -> Iterator[httpx.Client]:
    with superset.signed_in(TEACHER) as client:
        yield client


def test_people(superset: Superset) -> None:
    with superset.database.admin() as c:
        print(c.execute("select user_name from control.people").fetchall())
        print(c.execute("select user_id, course_id, tenant_id from lms.course_instructors").fetchall())
    assert False
