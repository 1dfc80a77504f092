"""Which files of a mart are written again when it changes."""

from datetime import date

import pytest

from tests.integration.lake.lakes import Lake

DAYS = (date(2026, 5, 31), date(2026, 6, 1), date(1970, 1, 1))


@pytest.fixture
def mine(lake: Lake) -> int:
    """`fct_daily_engagement` of two tenants, and one that is no time's."""
    ours, theirs = lake.database.tenant("ours").tenant_id, lake.database.tenant("theirs").tenant_id
    rows = [(tenant, day, "ada", 1) for tenant in (ours, theirs) for day in DAYS]
    lake.make_mart("fct_daily_engagement", "tenant_id integer, day date, learner_key text, minutes integer", rows)
    lake.make_mart("mart_notes", "tenant_id integer, note text", [(ours, "a"), (theirs, "b")])
    lake.export()
    return ours


def written(lake: Lake, slug: str = "ours") -> int:
    return {done.tenant: done.files for done in lake.export()}[slug]


def test_mart__is_divided_by_its_month(lake: Lake, mine: int) -> None:
    assert lake.months("ours", "fct_daily_engagement") == ["2026-05", "2026-06", "undated"]
    assert lake.ask("ours", "select day from fct_daily_engagement order by 1") == [(day,) for day in sorted(DAYS)]
    assert written(lake) == 0


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("update marts.fct_daily_engagement set minutes = 2 where tenant_id = {} and day = '2026-06-01'", 1),
        ("update marts.fct_daily_engagement set minutes = 1 where tenant_id = {} and day = '2026-06-01'", 1),
        ("update marts.fct_daily_engagement set minutes = 2 where tenant_id <> {}", 0),
        ("insert into marts.fct_daily_engagement values ({}, '2026-07-01', 'eve', 3)", 1),
        ("update marts.fct_daily_engagement set day = '2026-05-01' where tenant_id = {} and day = '2026-06-01'", 1),
        ("delete from marts.fct_daily_engagement where tenant_id = {} and day = '2026-06-01'", 0),
        ("update marts.mart_notes set note = 'c' where tenant_id = {}", 1),
        ("alter table marts.mart_notes add column more integer", 1),
        ("comment on column marts.mart_notes.note is 'What was noted.'", 1),
    ],
)
def test_mart__what_changed_is_written_again(lake: Lake, mine: int, command: str, files: int) -> None:
    lake.change(command.format(mine))
    assert written(lake) == files
    with lake.database.admin() as connection:
        there = connection.execute(
            "select day, learner_key, minutes from marts.fct_daily_engagement where tenant_id = %s order by 1", [mine]
        ).fetchall()
    assert lake.ask("ours", "select day, learner_key, minutes from fct_daily_engagement order by 1") == there
    assert written(lake) == 0


def test_mart__that_is_gone_has_no_view(lake: Lake, mine: int) -> None:
    lake.change("drop table marts.mart_notes")
    written(lake)
    views = lake.ask("ours", "select view_name from duckdb_views() where not internal order by 1")
    assert views == [("fct_daily_engagement",), ("statements",)]


def test_marts__of_a_refresh_that_was_broken_off_wait(lake: Lake, mine: int) -> None:
    begin = """
        insert into intermediate.refresh (run_id, mode, from_number, through_number, as_of)
        values ('00000000-0000-0000-0000-000000000001', 'incremental', 0, 1, now())
    """
    lake.change(begin)
    lake.change(f"update marts.mart_notes set note = 'half' where tenant_id = {mine}")
    done = lake.export()
    assert [(one.files, one.marts_wait) for one in done] == [(0, True), (0, True)]
    assert lake.ask("ours", "select note from mart_notes") == [("a",)]
    lake.change(
        "insert into marts.refreshes select run_id, mode, tenant_id, from_number, through_number, as_of, now(), now() "
        "from intermediate.refresh"
    )
    done = lake.export()
    assert [(one.files, one.marts_wait) for one in done] == [(1, False), (0, False)]
    assert lake.ask("ours", "select note from mart_notes") == [("half",)]
    assert lake.ask("ours", "select marts_as_of is not null from about") == [(True,)]
