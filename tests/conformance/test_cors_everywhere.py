"""A tenant that is open to pages of every site."""

import httpx
import pytest

from core.tenants import update_tenant, with_origins
from tests.harness.lrs import Lrs

ANYWHERE = "https://anywhere.example"


@pytest.mark.parametrize("origin", [ANYWHERE, "null"])
def test_any_origin(lrs: Lrs, origin: str) -> None:
    tenant = lrs.database.tenant(f"open-{'null' if origin == 'null' else 'any'}")
    with lrs.database.admin() as connection:
        update_tenant(connection, tenant.slug, {"settings": with_origins({}, ["*"])})
    preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    answer = httpx.options(f"{lrs.url}/xAPI/agents", headers=preflight)
    assert answer.headers["access-control-allow-origin"] == origin
    with lrs.client(tenant) as client:
        found = client.get("/activities", params={"activityId": ANYWHERE}, headers={"Origin": origin})
    assert found.status_code == 200
    assert found.headers["access-control-allow-origin"] == origin
