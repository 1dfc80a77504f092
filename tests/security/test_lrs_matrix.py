"""Whoever knocks at the LRS, at every door, in every way to name a tenant: answered as the law says, or refused."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest

from core.credentials import revoke_credential
from core.settings import Settings
from core.tenants import Tenant, set_tenant_active
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.lrs import Lrs, running_lrs
from tests.harness.neighbours import Neighbour
from tests.harness.waiting import wait_until
from tests.security.lrs_matrix import HELD, Request, requests

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(600)]
Auth = tuple[str, str]
Naming = dict[str, str]


@dataclass(frozen=True)
class Ground:
    lrs: Lrs
    ours: Tenant
    theirs: Neighbour
    knocking: httpx.Client
    counted: "Counter[str]" = field(default_factory=Counter)

    def attempt(self, request: Request, auth: Auth | None, naming: Naming | None = None) -> httpx.Response:
        # The same id each time, so that two refusals can be compared.
        headers = {"X-Experience-API-Version": "1.0.3", "X-Request-ID": "attempt"}
        headers |= request.headers | (naming or {})
        answer = self.knocking.request(
            request.method, request.address, params=request.parameters, json=request.body, auth=auth, headers=headers
        )
        self.counted["attempts"] += 1
        self.counted["allowed" if answer.is_success else "refused"] += 1
        assert self.theirs.mark not in answer.text + repr(answer.headers.raw), request
        return answer

    def key(self, **given: object) -> Auth:
        with self.lrs.client(self.ours, ("all", "events/write"), **given) as client:  # type: ignore[arg-type]
            return client.credentials


@pytest.fixture(scope="module")
def ground(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("lrs")
    given = {"LYCEUM_LRS_ATTACHMENTS": f"file://{folder / 'objects'}", "LYCEUM_LRS_AUTH_REFRESH": "0.2"}
    with (
        running_lrs(server, database, find_free(set()), folder / "lrs.log", **given) as lrs,
        lrs.client(database.tenant("theirs")) as theirs,
        httpx.Client(base_url=lrs.url, timeout=30) as knocking,
    ):
        ours, neighbour = database.tenant("ours"), Neighbour(theirs, "mark-of-theirs")
        neighbour.plant()
        with lrs.client(ours) as client:
            Neighbour(client, "mark-of-ours").plant()
        before = neighbour.sees()
        yield Ground(lrs, ours, neighbour, knocking)
        assert neighbour.sees() == before, "an attempt changed what the other tenant has"


@pytest.fixture(autouse=True)
def _counted(ground: Ground, proof: Callable[..., None]) -> Iterator[None]:
    ground.counted.clear()
    yield
    proof(**ground.counted)


def test_scopes__each_one_and_each_two_at_every_door(ground: Ground) -> None:
    wrong = []
    for scopes in HELD:
        with ground.lrs.client(ground.ours, scopes) as client:
            for request in requests():
                status = ground.attempt(request, client.credentials).status_code
                if not is_lawful(status, request, scopes):
                    wrong.append((scopes, request.method, request.path, status))
    assert wrong == []
    assert ground.counted["attempts"] > 1_500
    assert min(ground.counted["allowed"], ground.counted["refused"]) > 300


def is_lawful(status: int, request: Request, scopes: tuple[str, ...]) -> bool:
    if not request.is_served:
        return status == 405
    return 200 <= status < 300 if request.is_allowed_to(scopes) else status == 403


def test_tenants__ones_own_in_every_way_to_name_it(ground: Ground) -> None:
    key, slug = ground.key(), ground.ours.slug
    for naming in (*namings(slug, ground), *namings(slug.upper(), ground), in_header(str(ground.ours.tenant_uuid))):
        for request in requests():
            status = ground.attempt(request, key, naming).status_code
            assert is_lawful(status, request, ("all", "events/write")), (naming, request)


def test_tenants__another_is_refused_as_one_that_does_not_exist(ground: Ground) -> None:
    key = ground.key()
    for request in requests():
        theirs, nobodys = (
            [told(ground.attempt(request, key, naming)) for naming in namings(slug, ground)]
            for slug in ("theirs", "nobody")
        )
        assert theirs == nobodys
        assert {status for status, _ in theirs} == {403 if request.is_served else 405}, request


def namings(slug: str, ground: Ground) -> list[Naming]:
    return [in_header(slug), {"Host": f"{slug}.127.0.0.1:{httpx.URL(ground.lrs.url).port}"}]


def in_header(tenant: str) -> Naming:
    return {"X-Tenant-ID": tenant}


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def test_strangers__are_refused_at_every_door_in_the_same_words(ground: Ground) -> None:
    """Nobody learns whether there is, or was, such a key. Another each time: who guesses at one is slowed down."""
    asked = list(requests())
    for request, gone in zip(asked * 3, strangers(ground, len(asked)), strict=True):
        unknown, wrong = (secrets.token_hex(8), gone[1]), (ground.key()[0], gone[1])
        refusals = {told(ground.attempt(request, auth)) for auth in (unknown, wrong, gone)}
        assert len(refusals) == 1, request
        assert next(iter(refusals))[0] == (401 if request.is_served else 405), request


def strangers(ground: Ground, each: int) -> list[Auth]:
    """Who was somebody: revoked, expired, and of a tenant that is closed. One more of each is asked until it is so."""
    database, past = ground.lrs.database, datetime.now(UTC) - timedelta(seconds=1)
    closed = replace(ground, ours=database.tenant("closed"))
    kinds = [
        [one.key(**given) for _ in range(each + 1)]
        for one, given in ((ground, {}), (ground, {"expires_at": past}), (closed, {}))
    ]
    with database.admin() as connection:
        for key, _ in kinds[0]:
            revoke_credential(connection, ground.ours.slug, key)
        set_tenant_active(connection, "closed", is_active=False)
    for kind in kinds:
        wait_until(partial(is_refused, ground, kind.pop()), within=10)
    return [key for kind in kinds for key in kind]


def is_refused(ground: Ground, auth: Auth) -> bool:
    return ground.attempt(next(requests()), auth).status_code == 401
