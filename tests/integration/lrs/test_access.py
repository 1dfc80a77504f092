import base64
import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.credentials import list_credentials, revoke_credential
from core.settings import Settings
from core.tenants import set_tenant_active
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.lrs import Lrs, running_lrs
from tests.harness.statements import make_statement

ACTOR = {"mbox": "mailto:ada@school.example"}


def wait_refused(client: httpx.Client) -> float:
    began = time.monotonic()
    while client.get("/statements").status_code != 401:
        assert time.monotonic() - began < 5
    return time.monotonic() - began


def test_revoked__refused_within_five_seconds(lrs: Lrs) -> None:
    tenant = lrs.database.tenant("school")
    with lrs.client(tenant) as client:
        assert client.get("/statements").status_code == 200
        with lrs.database.admin() as connection:
            (credential,) = list_credentials(connection, "school")
            revoke_credential(connection, "school", credential.key_id)
        wait_refused(client)


def test_disabled_tenant__refused_within_five_seconds(lrs: Lrs) -> None:
    tenant = lrs.database.tenant("school")
    with lrs.client(tenant) as client:
        assert client.get("/statements").status_code == 200
        with lrs.database.admin() as connection:
            set_tenant_active(connection, "school", is_active=False)
        wait_refused(client)


def test_expired__refused(lrs: Lrs) -> None:
    tenant = lrs.database.tenant("school")
    with lrs.client(tenant, expires_at=datetime.now(UTC) + timedelta(seconds=1)) as client:
        assert client.get("/statements").status_code == 200
        wait_refused(client)


@pytest.mark.parametrize(
    "authorization",
    [None, "Basic", "Basic x", "Basic eDp5", "Bearer abc", "Basic " + "A" * 5000, "Basic w6TDtg==", b"Basic \xff"],
)
def test_unknown__refused(lrs: Lrs, authorization: str | bytes | None) -> None:
    headers: dict[str, Any] = {"X-Experience-API-Version": "1.0.3"}
    if authorization is not None:
        headers["Authorization"] = authorization
    answer = httpx.get(f"{lrs.url}/xAPI/statements", headers=headers)
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_guessing__slows_down_that_key_only(lrs: Lrs) -> None:
    tenant = lrs.database.tenant("school")
    headers = {"X-Experience-API-Version": "1.0.3"}

    def guess(number: int) -> float:
        began = time.monotonic()
        answer = httpx.get(f"{lrs.url}/xAPI/statements", headers=headers, auth=("key-guessed", f"secret-{number}"))
        assert answer.status_code == 401
        return time.monotonic() - began

    took = [guess(number) for number in range(7)]
    assert max(took[:3]) < 0.5 * took[-1]
    assert took[-1] > 1
    with lrs.client(tenant) as client:
        began = time.monotonic()
        assert client.get("/statements").status_code == 200
        assert time.monotonic() - began < took[-1]


@pytest.mark.parametrize(
    ("scopes", "may_write", "may_read"),
    [
        (["statements/write"], True, False),
        (["statements/read"], False, True),
        (["statements/read/mine"], False, True),
        (["all/read"], False, True),
        (["all"], True, True),
        (["state"], False, False),
        (["profile", "define"], False, False),
    ],
)
def test_scopes__allow_what_they_say(lrs: Lrs, scopes: list[str], may_write: bool, may_read: bool) -> None:
    with lrs.client(lrs.database.tenant("school"), scopes) as client:
        posted = client.post("/statements", json=make_statement()).status_code
        put = client.put("/statements", params={"statementId": str(uuid4())}, json=make_statement(id=None)).status_code
        assert (posted, put) == ((200, 204) if may_write else (403, 403))
        assert client.get("/statements").status_code == (200 if may_read else 403)


def test_read_mine__shows_what_this_credential_wrote(lrs: Lrs) -> None:
    tenant = lrs.database.tenant("school")
    with lrs.client(tenant) as other, lrs.client(tenant, ["statements/write", "statements/read/mine"]) as mine:
        (theirs,) = other.post("/statements", json=make_statement()).json()
        (ours,) = mine.post("/statements", json=make_statement()).json()
        agent = {"agent": json.dumps(ACTOR)}
        for asked in ({}, agent, agent | {"related_agents": "true"}):
            assert [one["id"] for one in mine.get("/statements", params=asked).json()["statements"]] == [ours]
        assert mine.get("/statements", params={"statementId": theirs}).status_code == 404
        assert mine.get("/statements", params={"statementId": ours}).status_code == 200


def test_bound__writes_and_reads_for_its_learner_only(lrs: Lrs) -> None:
    tenant, registration = lrs.database.tenant("school"), uuid4()
    own = make_statement(context={"registration": str(registration)})
    with (
        lrs.client(tenant) as everybody,
        lrs.client(tenant, bound_actor=ACTOR, bound_registration=registration) as bound,
    ):
        foreign = [
            make_statement(actor={"mbox": "mailto:bob@school.example"}, context={"registration": str(registration)}),
            make_statement(),
            make_statement(context={"registration": str(uuid4())}),
        ]
        for statement in foreign:
            answer = bound.post("/statements", json=[own, statement])
            assert answer.status_code == 403
            assert answer.json()["error"].startswith("bound_")
        everybody.post("/statements", json=foreign)
        assert bound.post("/statements", json=own).status_code == 200
        assert [one["id"] for one in bound.get("/statements").json()["statements"]] == [own["id"]]
        for statement in foreign:
            assert bound.get("/statements", params={"statementId": statement["id"]}).status_code == 404


def test_gzip__both_ways(lrs: Lrs) -> None:
    with lrs.client(lrs.database.tenant("school")) as client:
        packed = gzip.compress(json.dumps([make_statement() for _ in range(20)]).encode())
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        assert client.post("/statements", content=packed, headers=headers).status_code == 200
        answer = client.get("/statements", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.json()["statements"]) == 20
        assert "Content-Encoding" not in client.get("/statements", headers={"Accept-Encoding": "identity"}).headers
        for bad in (b"x", packed[:-5], packed + b"x"):
            assert client.post("/statements", content=bad, headers=headers).status_code == 400


def test_limits__are_named(server: Settings, database: Database, tmp_path: Path) -> None:
    limits = {"LYCEUM_LRS_MAX_BODY_MB": "1", "LYCEUM_LRS_MAX_STATEMENTS": "5", "LYCEUM_LRS_RATE_LIMIT": "20"}
    json_type = {"Content-Type": "application/json"}
    with running_lrs(server, database, find_free(set()), tmp_path / "log", **limits) as lrs:
        school, other = database.tenant("school"), database.tenant("other")
        with lrs.client(school) as client, lrs.client(other) as neighbour:
            assert client.post("/statements", content=b" " * (2 << 20), headers=json_type).status_code == 413
            bomb = gzip.compress(b" " * (20 << 20))
            packed = json_type | {"Content-Encoding": "gzip"}
            assert client.post("/statements", content=bomb, headers=packed).status_code == 413
            assert client.post("/statements", json=[make_statement() for _ in range(6)]).status_code == 413
            deep = b"[" * 10_000 + b"]" * 10_000
            assert client.post("/statements", content=deep, headers=json_type).status_code == 400
            answers = [client.get("/statements") for _ in range(60)]
            refused = [answer for answer in answers if answer.status_code == 429]
            assert refused
            assert refused[0].headers["Retry-After"] == "1"
            assert neighbour.get("/statements").status_code == 200


def test_metrics_and_log__tell_and_keep_secrets(lrs: Lrs, tmp_path: Path) -> None:
    with lrs.client(lrs.database.tenant("school")) as client:
        client.post("/statements", json=[make_statement(), make_statement()])
        client.post("/statements", json={})
        client.get("/statements", params={"agent": '{"mbox":"mailto:private@school.example"}'})
        metrics = httpx.get(f"{lrs.url}/metrics").text
        key, secret = client.credentials
    assert 'lyceum_lrs_statements_total{tenant="school"} 2.0' in metrics
    assert 'lyceum_lrs_requests_total{method="POST",resource="/statements",status="200"} 1.0' in metrics
    assert 'lyceum_lrs_rejects_total{reason="invalid_statement"} 1.0' in metrics
    log = (tmp_path / "lrs.log").read_text()
    assert '"status":200' in log
    assert "private@school.example" not in log
    assert secret not in log
    assert base64.b64encode(f"{key}:{secret}".encode()).decode() not in log
    assert lrs.database.key.hash_api_secret("x").hex() not in log
