"""However a term arrives, the marts end up as one full refresh makes them."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from core.lms.aliases import Alias, keep_aliases
from core.tenants import Pattern, Tenant, update_tenant
from simulator.delivery.parcels import Parcel
from tests.harness.marts import Marts, cells, differences
from tests.harness.terms import Term, deliver, ids, put_statements

pytestmark = [pytest.mark.both_databases_at_full_size, pytest.mark.timeout(900)]

Order = Callable[[list[Parcel], random.Random], list[Parcel]]


def shuffled(parcels: list[Parcel], rng: random.Random) -> list[Parcel]:
    return rng.sample(parcels, len(parcels))


def backwards(parcels: list[Parcel], rng: random.Random) -> list[Parcel]:
    return parcels[::-1]


def events_last(parcels: list[Parcel], rng: random.Random) -> list[Parcel]:
    return sorted(parcels, key=lambda parcel: parcel.content == "event")


def twice(parcels: list[Parcel], rng: random.Random) -> list[Parcel]:
    return parcels + shuffled(parcels, rng)


ORDERS: list[Order] = [shuffled, backwards, events_last, twice]


def is_as_full(marts: Marts, as_of: datetime) -> int:
    """How many cells there are. Each differing one would be a failure."""
    marts.refresh(as_of=as_of)
    kept = marts.contents()
    marts.refresh(full=True, as_of=as_of)
    assert differences(kept, marts.contents()) == {}
    return cells(kept)


@pytest.mark.parametrize("order", ORDERS)
def test_order__does_not_matter(
    marts: Marts, term: Term, tenants: dict[str, Tenant], size: SimpleNamespace, order: Order
) -> None:
    rng = random.Random(7)
    parcels = order(term.parcels, rng)
    for part in cut(parcels, size.order_refreshes, rng):
        deliver(marts.database, tenants, part)
        marts.refresh(as_of=term.as_of)
    assert is_as_full(marts, term.as_of)


def test_order__things_are_told_otherwise_between(
    marts: Marts, term: Term, tenants: dict[str, Tenant], size: SimpleNamespace
) -> None:
    """Aliases, patterns, home pages, verbs and time zones, with the history following each."""
    school = tenants["riverside"]
    middle = len(term.parcels) // 2
    deliver(marts.database, tenants, term.parcels[:middle])
    marts.refresh(as_of=term.as_of)
    for change in changes(marts, school):
        change()
        marts.refresh(as_of=term.as_of)
    deliver(marts.database, tenants, term.parcels[middle:])
    is_as_full(marts, term.as_of)


def test_order__a_writer_that_stays_open_across_a_refresh(marts: Marts, term: Term, tenants: dict[str, Tenant]) -> None:
    ours = [parcel for parcel in term.statements if parcel.tenant == "riverside"]
    theirs = [parcel for parcel in term.statements if parcel.tenant == "club"]
    deliver(marts.database, tenants, [*term.events, *ours[:200]])
    with marts.database.service("ingest") as connection:
        put_statements(connection, tenants, theirs)
        deliver(marts.database, tenants, ours[200:])
        marts.refresh(as_of=term.as_of)
        assert count(marts, "intermediate.int_statements") == len(ids(ours))
    assert is_as_full(marts, term.as_of)
    assert count(marts, "intermediate.int_statements") == len(ids(term.statements))


def test_refresh__nothing_new_writes_nothing(marts: Marts, term: Term, tenants: dict[str, Tenant]) -> None:
    deliver(marts.database, tenants, term.parcels)
    marts.refresh(as_of=term.as_of)
    before = versions(marts)
    marts.refresh(as_of=term.as_of)
    assert versions(marts) == before


def test_refresh__one_tenant_anew(marts: Marts, term: Term, tenants: dict[str, Tenant]) -> None:
    deliver(marts.database, tenants, term.parcels)
    marts.refresh(as_of=term.as_of)
    right = marts.contents()
    with marts.connection() as connection:
        for table in ("marts.fct_statements", "marts.fct_lesson_completion", "intermediate.int_statements"):
            connection.execute(f"delete from {table} where tenant_id = %s", [tenants["club"].tenant_id])
    marts.refresh(tenant="club", as_of=term.as_of)
    assert differences(marts.contents(), right) == {}


def test_refresh__statements_that_cannot_be_read_stop_nothing(
    marts: Marts, term: Term, tenants: dict[str, Tenant]
) -> None:
    deliver(marts.database, tenants, term.parcels)
    with marts.database.admin() as connection:
        broken = connection.execute(
            'update xapi.statements set statement = \'{"result": {"score": {"raw": 1e999}, "success": "yes"}}\' '
            "where statement_id in (select statement_id from xapi.statements where object_key is not null limit 3)"
        ).rowcount
    marts.refresh(as_of=term.as_of)
    assert [row["n"] for row in marts.rows("select count(*) as n from marts.fct_statements where parse_trouble = "
                                           "'result.success, result.score.raw'")] == [broken]  # fmt: skip


def changes(marts: Marts, school: Tenant) -> Sequence[Callable[[], Any]]:
    agent = marts.rows("select agent::text as agent from xapi.agents where tenant_id = %s limit 1", school.tenant_id)
    user = marts.rows("select user_id from lms.users where tenant_id = %s order by user_id limit 1", school.tenant_id)

    def alias(kind: str, named: str, target: str) -> None:
        with marts.database.admin() as connection:
            keep_aliases(connection, school, kind, [Alias(named, target)])

    def tenant(given: dict[str, Any], home_pages: list[str], patterns: list[Pattern]) -> None:
        with marts.database.admin() as connection:
            update_tenant(connection, school.slug, given, home_pages, patterns)

    return (
        lambda: alias("learner", agent[0]["agent"], user[0]["user_id"]),
        lambda: alias("learner", agent[0]["agent"], "-"),
        lambda: alias("verb", "http://adlnet.gov/expapi/verbs/experienced", "started"),
        lambda: tenant({"time_zone": "America/New_York"}, [], []),
        lambda: tenant({}, ["https://elsewhere.example"], [Pattern("course", "slug", "^https?://[^/]+/(?<key>free)")]),
    )


def cut(parcels: list[Parcel], parts: int, rng: random.Random) -> list[list[Parcel]]:
    edges = [0, *sorted(rng.sample(range(1, len(parcels)), parts - 1)), len(parcels)]
    return [parcels[begin:end] for begin, end in pairwise(edges)]


def count(marts: Marts, table: str) -> int:
    return int(marts.rows(f"select count(*) as n from {table}")[0]["n"])


def versions(marts: Marts) -> dict[str, list[Any]]:
    """Which transaction wrote each row."""
    return {
        name: [row["xmin"] for row in marts.rows(f"select xmin::text from {name} order by 1")]
        for name in marts.contents()
        if name != "marts.mart_tenant_overview"
    }
