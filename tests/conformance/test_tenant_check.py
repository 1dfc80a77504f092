"""A request that names its tenant itself, by header or by address, must name the credential's."""

from collections.abc import Iterator

import pytest

from core.settings import Settings
from core.tenants import Tenant
from local.ports import find_free
from tests.conformance.resources import refusal
from tests.harness.database import Database
from tests.harness.lrs import Client, Lrs, running_lrs

PARAMS = {"activityId": "https://lms.example/1"}
MISMATCH = (403, "tenant_mismatch")


@pytest.fixture(scope="module")
def lrs(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lrs]:
    log = tmp_path_factory.mktemp("lrs") / "lrs.log"
    public = {"LYCEUM_PUBLIC_URL": "https://lrs.example/base"}
    with running_lrs(server, database, find_free(set()), log, **public) as lrs:
        yield lrs


@pytest.fixture(scope="module")
def other(lrs: Lrs) -> Tenant:
    return lrs.database.tenant("other")


def test_header__the_credentials_own(school: Client, tenant: Tenant) -> None:
    for named in ("school", "SCHOOL", str(tenant.tenant_uuid), str(tenant.tenant_uuid).upper()):
        assert school.get("/activities", params=PARAMS, headers={"X-Tenant-ID": named}).status_code == 200


def test_header__another(school: Client, tenant: Tenant, other: Tenant) -> None:
    for named in ("other", str(other.tenant_uuid), str(tenant.tenant_id), "nobody", ""):
        refused = school.get("/activities", params=PARAMS, headers={"X-Tenant-ID": named})
        assert refusal(refused) == MISMATCH


@pytest.mark.parametrize(
    "host",
    [
        "lrs.example",
        "LRS.example:443",
        "school.lrs.example",
        "School.LRS.example:8400",
        "127.0.0.1:8400",
        "a.b.example",
    ],
)
def test_address__the_credentials_own_or_none(school: Client, host: str) -> None:
    assert school.get("/activities", params=PARAMS, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["other.lrs.example", "OTHER.lrs.example:8400", "nobody.lrs.example", "other.lrs.example."]
)
def test_address__another(school: Client, other: Tenant, host: str) -> None:
    assert refusal(school.get("/activities", params=PARAMS, headers={"Host": host})) == MISMATCH


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_mismatch__before_anything_is_done(school: Client, other: Tenant, method: str) -> None:
    params = {**PARAMS, "agent": '{"mbox":"mailto:ada@school.example"}', "stateId": "kept"}
    school.post("/activities/state", params=params, json={"kept": True})
    headers = {"X-Tenant-ID": "other"}
    refused = school.request(method, "/activities/state", params=params, json={"kept": False}, headers=headers)
    assert refusal(refused) == MISMATCH
    assert school.get("/activities/state", params=params).json() == {"kept": True}


def test_mismatch__a_wrong_key_learns_nothing(school: Client, other: Tenant) -> None:
    refused = school.get("/activities", params=PARAMS, headers={"X-Tenant-ID": "other"}, auth=("key", "secret"))
    assert refusal(refused) == (401, "unauthorized")
