"""Two tenants with the same ids, agents and activities: whatever one asks, the answer is as if it were alone."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from core.settings import Settings
from local.ports import find_free
from tests.harness.database import Database
from tests.harness.lrs import Client, Lrs, running_lrs, wait_consistent
from tests.harness.neighbours import AUTHORITY, COURSE, FILTERS, IDS, Neighbour, everything, shared_id
from tests.harness.statements import make_statement, make_void

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Street:
    lrs: Lrs
    ours: Neighbour
    theirs: Neighbour
    # Of our tenant, too, but other keys.
    colleague: Client
    reader_of_own: Client


@pytest.fixture(scope="module")
def street(server: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("lrs")
    objects = f"file://{folder / 'objects'}"
    with (
        running_lrs(server, database, find_free(set()), folder / "lrs.log", LYCEUM_LRS_ATTACHMENTS=objects) as lrs,
        ExitStack() as clients,
    ):
        tenants = [database.tenant(slug) for slug in ("ours", "theirs")]
        # The same agent vouches in both.
        first, second = (clients.enter_context(lrs.client(tenant, authority=AUTHORITY)) for tenant in tenants)
        colleague = clients.enter_context(lrs.client(tenants[0], ("all/read",)))
        reader = clients.enter_context(lrs.client(tenants[0], ("statements/read/mine",)))
        yield Street(lrs, Neighbour(first, "mark-of-ours"), Neighbour(second, "mark-of-theirs"), colleague, reader)


@pytest.fixture(scope="module")
def settled(street: Street) -> Street:
    """Both have planted, and what each does later, each has done: see the first test."""
    ours, theirs = street.ours, street.theirs
    ours.plant()
    wait_all_consistent(street)
    alone = ours.sees()
    theirs.plant()
    wait_all_consistent(street)
    assert ours.sees() == alone
    before = theirs.sees()
    # What is in the one is voided, commented, deleted in the other.
    for name in ("voided", "only-one"):
        ours.void(name)
    ours.client.post("/statements", json=ours.statement("only-ours")).raise_for_status()
    ours.client.post("/statements", json=comment_on("only-one")).raise_for_status()
    wait_all_consistent(street)
    assert theirs.sees() == before
    theirs.client.post("/statements", json=theirs.statement("only-one")).raise_for_status()
    wait_all_consistent(street)
    return street


def comment_on(name: str) -> dict[str, object]:
    return make_statement(actor={"mbox": "mailto:critic@ours.example"}, object=reference(name))


def reference(name: str) -> dict[str, str]:
    return {"objectType": "StatementRef", "id": shared_id(name)}


def wait_all_consistent(street: Street) -> None:
    for neighbour in (street.ours, street.theirs):
        newest = neighbour.client.get("/statements", params={"limit": 1}).json()["statements"]
        if newest:
            wait_consistent(neighbour.client, newest[0]["stored"])


def test_answers__are_as_if_alone_whatever_the_neighbour_does(settled: Street) -> None:
    """Compared while the fixture made it so; here: that the comparison was of something."""
    seen = settled.ours.sees()
    assert len(seen) == len(list(everything())) > 400
    found = [answer for answer in seen.values() if answer[0] == 200]
    assert len(found) > 300
    assert sum("mark-of-ours" in repr(answer) for answer in found) > 250


def test_answers__nowhere_a_mark_of_the_other(settled: Street) -> None:
    for neighbour, other in ((settled.ours, settled.theirs), (settled.theirs, settled.ours)):
        leaks = [asked for asked, answer in neighbour.sees().items() if other.mark in repr(answer)]
        assert leaks == []


def test_voided__in_one_is_not_voided_in_the_other(settled: Street) -> None:
    voided = shared_id("voided")
    for client, status, voided_status in ((settled.ours.client, 404, 200), (settled.theirs.client, 200, 404)):
        assert client.get("/statements", params={"statementId": voided}).status_code == status
        assert client.get("/statements", params={"voidedStatementId": voided}).status_code == voided_status


def test_voided__before_it_comes_to_the_other(settled: Street) -> None:
    """Ours has voided an id that only theirs has."""
    only_one = shared_id("only-one")
    assert settled.theirs.client.get("/statements", params={"statementId": only_one}).status_code == 200
    for name in ("statementId", "voidedStatementId"):
        assert settled.ours.client.get("/statements", params={name: only_one}).status_code == 404


def test_references__lead_nowhere_else(settled: Street) -> None:
    """A comment of ours names a statement that only theirs has, and matches nothing that it says."""
    response = settled.theirs.statement("only-one")
    for selection in ({"verb": response["verb"]["id"]}, {"activity": response["object"]["id"]}):
        page = settled.ours.client.get("/statements", params=selection).json()["statements"]
        assert all(statement["object"].get("id") != shared_id("only-one") for statement in page)


def test_attachments__of_a_hash_that_the_other_has(settled: Street) -> None:
    theirs = settled.theirs.client.get("/statements", params={"statementId": shared_id("whole")}).json()
    named = [{**theirs["attachments"][0], "fileUrl": "https://shared.example/file"}]
    statement = make_statement(attachments=named, actor={"mbox": "mailto:thief@ours.example"})
    settled.ours.client.post("/statements", json=statement).raise_for_status()
    answer = settled.ours.ask("/statements", {"statementId": statement["id"], "attachments": "true"})
    assert answer[0] == 200
    assert answer[2][1] == {}


@pytest.mark.parametrize("selection", FILTERS)
@pytest.mark.parametrize("ascending", ["true", "false"])
def test_more__pages_through_ones_own_and_is_of_no_use_to_others(
    settled: Street, selection: dict[str, str], ascending: str
) -> None:
    client = settled.ours.client
    wait_all_consistent(settled)
    asked = {**selection, "ascending": ascending}
    whole = [each["id"] for each in client.get("/statements", params=asked).json()["statements"]]
    page = client.get("/statements", params={**asked, "limit": 30}).json()
    seen = [each["id"] for each in page["statements"]]
    while page["more"]:
        link = page["more"].removeprefix("/xAPI")
        for other in (settled.theirs.client, settled.colleague, settled.reader_of_own):
            assert refused(other.get(link))
        page = client.get(link).json()
        seen += [each["id"] for each in page["statements"]]
    assert seen == whole
    # Who vouches and what is in the context only is found as related only.
    assert bool(whole) == (selection not in ({"agent": json.dumps(AUTHORITY)}, {"activity": COURSE}))


def refused(answer: httpx.Response) -> bool:
    return answer.status_code == 400 and answer.json()["error"] == "cursor"


def test_cursor__put_together_from_two(settled: Street) -> None:
    """The content of one, changed or under the signature of another."""
    ours, theirs = (cursor_of(neighbour.client) for neighbour in (settled.ours, settled.theirs))
    for signature, content in ((ours[:16], theirs[16:]), (theirs[:16], ours[16:]), (bytes(16), theirs[16:])):
        for client in (settled.ours.client, settled.theirs.client, settled.colleague):
            assert refused(client.get("/statements", params={"cursor": encoded(signature + content)}))
    # The first is the tenant, the second the credential.
    changed = json.loads(ours[16:])
    assert changed[:2] != json.loads(theirs[16:])[:2]
    for index in (0, 1):
        changed[index] = json.loads(theirs[16:])[index]
        token = encoded(ours[:16] + json.dumps(changed, separators=(",", ":")).encode())
        assert refused(settled.theirs.client.get("/statements", params={"cursor": token}))


def cursor_of(client: Client) -> bytes:
    token = client.get("/statements", params={"limit": 1}).json()["more"].partition("cursor=")[2]
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def encoded(cursor: bytes) -> str:
    return base64.urlsafe_b64encode(cursor).decode().rstrip("=")


def test_writing__under_the_others_ids_changes_nothing_there(settled: Street) -> None:
    before = settled.theirs.sees()
    for statement_id in IDS:
        settled.ours.client.post("/statements", json=make_statement(id=statement_id))
        settled.ours.client.post("/statements", json=make_void(statement_id))
    for path, parameters in everything():
        if path != "/statements":
            settled.ours.client.delete(path, params=parameters)
    wait_all_consistent(settled)
    assert settled.theirs.sees() == before
