"""A cmi5 unit with `@xapi/cmi5`, in a page of another site, with a credential of one learner and registration."""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from core.tenants import Tenant, update_tenant
from tests.conformance.resources import NEW
from tests.harness.lrs import Client, Lrs
from tests.harness.node import CLIENTS, INSTALL_SECONDS, program

pytestmark = pytest.mark.timeout(INSTALL_SECONDS)

SITE = "http://content.example"
LEARNER = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "ada"}}
UNIT = "https://lms.example/units/1"
SCOPES = ("statements/write", "statements/read/mine", "state", "profile")
SESSION = {"https://w3id.org/xapi/cmi5/context/extensions/sessionid": "s-1"}
LAUNCH_DATA = {
    "contextTemplate": {
        "contextActivities": {"grouping": [{"id": "https://content.example/publisher/unit"}]},
        "extensions": SESSION,
    },
    "launchMode": "Normal",
    "moveOn": "CompletedAndPassed",
    "masteryScore": 0.8,
}
VERBS = ["initialized", "progressed", "answered", "passed", "completed", "terminated"]


@contextmanager
def fetch_url(token: str) -> Iterator[str]:
    """What an LMS has for each launch: it tells the unit its key, once."""
    tokens = [token]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", SITE)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"auth-token": tokens.pop()}).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """The run's output is for the tests."""

    with HTTPServer(("127.0.0.1", 0), Handler) as lms:
        thread = threading.Thread(target=lms.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{lms.server_port}/launches/1"
        lms.shutdown()
        thread.join()


@dataclass(frozen=True)
class School:
    lrs: Lrs
    tenant: Tenant
    lms: Client
    packages: Path
    folder: Path

    def allow(self, site: str) -> None:
        with self.lrs.database.admin() as connection:
            update_tenant(connection, self.tenant.slug, {"settings": {"allowed_origins": [site]}})

    def launch(self, registration: UUID) -> Any:
        """What the unit saw."""
        place = {"activityId": UNIT, "agent": json.dumps(LEARNER), "registration": str(registration)}
        where = {**place, "stateId": "LMS.LaunchData"}
        self.lms.put("/activities/state", params=where, json=LAUNCH_DATA).raise_for_status()
        binding: dict[str, Any] = {"bound_actor": LEARNER, "bound_registration": registration}
        with self.lrs.client(self.tenant, SCOPES, **binding) as learner:
            token = base64.b64encode(":".join(learner.credentials).encode()).decode()
        with fetch_url(token) as fetch:
            actor = place.pop("agent")
            return self._open(urlencode({**place, "actor": actor, "endpoint": f"{self.lrs.url}/xAPI", "fetch": fetch}))

    def _open(self, query: str) -> Any:
        command = program(self.packages, self.folder, (CLIENTS / "course.mjs").read_text(encoding="utf-8"))
        page = f"{SITE}/unit/index.html?{query}"
        done = subprocess.run([*command, page], capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout)


@pytest.fixture
def school(lrs: Lrs, packages: Path, tmp_path: Path) -> Iterator[School]:
    tenant = lrs.database.tenant(f"t-{uuid4().hex[:12]}")
    with lrs.client(tenant) as lms:
        school = School(lrs, tenant, lms, packages, tmp_path)
        school.allow(SITE)
        yield school


def test_cmi5__from_launch_to_end(school: School) -> None:
    registration = uuid4()
    preferences = {"languagePreference": "de-DE,en", "audioPreference": "off"}
    where = {"agent": json.dumps(LEARNER), "profileId": "cmi5LearnerPreferences"}
    school.lms.put("/agents/profile", params=where, json=preferences, headers=NEW).raise_for_status()

    seen = school.launch(registration)

    assert seen == {"launchData": LAUNCH_DATA, "preferences": preferences}
    kept = school.lms.get("/statements", params={"registration": str(registration)}).json()["statements"]
    assert [statement["verb"]["id"].rpartition("/")[2] for statement in kept[::-1]] == VERBS
    assert all(statement["actor"] == LEARNER for statement in kept)
    passed = kept[2]
    assert passed["result"]["score"] == {"scaled": 0.9}
    assert passed["context"]["extensions"].items() >= SESSION.items()


def test_cmi5__a_site_that_is_not_on_the_list(school: School) -> None:
    school.allow("http://other.example")
    assert school.launch(uuid4()) == {"refused": "Network Error"}
    assert school.lms.get("/statements").json()["statements"] == []
