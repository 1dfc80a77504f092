import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from psycopg import errors

from core.errors import UserError
from core.tenants import update_tenant
from lake.export import export
from lake.snapshot import LakeBusyError, connected, lake_turn
from lake.store import Store, open_store
from tests.harness.statements import make_statement, make_void
from tests.integration.lake.lakes import Lake

MAY, JUNE = datetime(2026, 5, 20, 12, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
# Still May where UTC is.
LATE_MAY = datetime(2026, 5, 31, 23, 59, 59, 999000, tzinfo=UTC)


def say(response: str, **changes: Any) -> dict[str, Any]:
    return make_statement(result={"response": response}, **changes)


def test_export__only_months_with_new_batches_are_written_again(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("a"))
    lake.put(school, LATE_MAY, say("b"))
    lake.put(school, JUNE, say("c"))
    (first,) = lake.export()
    assert (first.files, first.rows, lake.months("school")) == (2, 3, ["2026-05", "2026-06"])
    (nothing,) = lake.export()
    assert nothing.files == 0
    may = [path for path in lake.files("school") if path.name.startswith("2026-05")]
    lake.put(school, JUNE, say("d"))
    (second,) = lake.export()
    assert (second.files, second.rows) == (1, 2)
    assert lake.responses("school") == ["a", "b", "c", "d"]
    assert [path for path in lake.files("school") if path.name.startswith("2026-05")] == may


def test_export__a_late_batch_with_an_old_time_is_not_missed(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, JUNE, say("new"))
    lake.export()
    lake.put(school, MAY, say("late"))
    (done,) = lake.export()
    assert (done.rows, lake.responses("school")) == (1, ["late", "new"])


def test_export__a_batch_that_commits_after_a_later_one_is_not_missed(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("before"))
    with lake.database.service("ingest") as slow:
        opened = slow.execute("select ingest.open_batch('statements', %s)", [[school.tenant_id]]).fetchone()
        lake.put(school, JUNE, say("overtakes"))
        lake.export()
        assert lake.responses("school") == ["before", "overtakes"]
        slow.execute(
            "insert into xapi.statements select tenant_id, stored + interval '1 ms', gen_random_uuid(), timestamp, "
            "verb_key, actor_key, object_key, registration, credential_id, %s, "
            """'{"result": {"response": "overtaken"}}' from xapi.statements where stored = %s""",
            [*(opened or ()), MAY],
        )
    lake.export()
    assert lake.responses("school") == ["before", "overtaken", "overtakes"]


def test_export__voiding_reaches_the_month_of_its_target(lake: Lake) -> None:
    school = lake.database.tenant("school")
    target = say("wrong")
    lake.put(school, MAY, target, say("right"))
    lake.export()
    lake.put(school, JUNE, make_void(target["id"]))
    (done,) = lake.export()
    assert done.files == 2
    voided = lake.ask("school", "select response, is_voided from statements where response is not null order by 1")
    assert voided == [("right", False), ("wrong", True)]


def test_export__what_was_forgotten_is_gone_with_the_next(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("old"))
    lake.put(school, LATE_MAY, say("kept"))
    lake.put(school, JUNE, say("new"))
    lake.export()
    with lake.database.service("ingest") as connection:
        connection.execute("select xapi.forget_oldest_day(%s, %s)", [school.tenant_id, JUNE])
    lake.export()
    assert lake.responses("school") == ["kept", "new"]
    with lake.database.service("ingest") as connection:
        connection.execute("select xapi.forget_oldest_day(%s, %s)", [school.tenant_id, JUNE])
    lake.export()
    assert lake.responses("school") == ["new"]


def test_export__a_replaced_file_stays_for_its_readers_and_then_goes(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("a"))
    lake.export()
    (before,) = lake.files("school", "statements")
    with duckdb.connect(str(lake.folder / "school" / "catalogue.duckdb"), read_only=True) as reader:
        lake.put(school, MAY, say("b"))
        lake.export()
        assert reader.execute("select response from statements").fetchall() == [("a",)]
    assert lake.responses("school") == ["a", "b"]
    assert before.exists()
    export(lake.settings(keep_hours=0))
    assert not before.exists()
    assert len(lake.files("school", "statements")) == 1


def test_export__each_tenants_files_hold_its_rows_only(lake: Lake) -> None:
    ours, theirs = lake.database.tenant("ours"), lake.database.tenant("theirs")
    rows = [(ours.tenant_id, "mark-of-ours"), (theirs.tenant_id, "mark-of-theirs")]
    lake.make_mart("mart_notes", "tenant_id integer, note text", rows)
    for tenant in (ours, theirs):
        lake.put(tenant, MAY, say(f"mark-of-{tenant.slug}"))
    lake.export()
    for slug, other in (("ours", "theirs"), ("theirs", "ours")):
        assert lake.responses(slug) == [f"mark-of-{slug}"]
        assert lake.ask(slug, "select note from mart_notes") == [(f"mark-of-{slug}",)]
        read = [repr(pq.read_table(path).to_pylist()) for path in lake.files(slug)]
        assert len(read) == 2
        assert all(f"mark-of-{slug}" in text and f"mark-of-{other}" not in text for text in read)
        assert f"mark-of-{other}".encode() not in (lake.folder / slug / "catalogue.duckdb").read_bytes()


def test_export__one_tenant_alone(lake: Lake) -> None:
    lake.database.tenant("ours")
    lake.database.tenant("theirs")
    assert [done.tenant for done in lake.export(tenant="ours")] == ["ours"]
    assert not (lake.folder / "theirs").exists()
    with pytest.raises(UserError, match="no tenant 'nobody'"):
        lake.export(tenant="nobody")


def test_export__bodies_as_they_were_and_parts_of_them_typed(lake: Lake) -> None:
    school = lake.database.tenant("school")
    odd = make_statement(
        result={"response": 'a "quoted",\nline\\', "success": True, "score": {"scaled": 0.5, "raw": 1e3}},
        object={"id": "https://lms.example/1", "definition": {"type": "https://x.example/t", "name": {"de": "Übung"}}},
        timestamp="1899-01-01T00:00:00Z",
    )
    lake.put(school, MAY, odd)
    lake.export()
    asked = "response, success, completion, scaled, raw, verb_iri, object_iri, activity_type, actor_mbox, is_voided"
    ((response, *parts),) = lake.ask("school", f"select {asked} from statements")
    assert response == 'a "quoted",\nline\\'
    assert parts == [
        True, None, 0.5, 1000.0, odd["verb"]["id"], "https://lms.example/1", "https://x.example/t",
        "mailto:ada@school.example", False,
    ]  # fmt: skip
    ((body, stored, timestamp),) = lake.ask("school", "select statement, stored, timestamp from statements")
    with lake.database.admin() as connection:
        row = connection.execute("select statement::text, stored, timestamp from xapi.statements").fetchone()
    assert row == (body, stored, timestamp)
    assert json.loads(body)["object"]["definition"]["name"]["de"] == "Übung"


def test_export__a_body_that_no_parser_takes_keeps_its_row(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("good"))
    with lake.database.admin() as connection:
        connection.execute(
            "insert into xapi.statements select tenant_id, stored + interval '1 ms', gen_random_uuid(), timestamp, "
            r"""verb_key, actor_key, object_key, registration, credential_id, batch_id, '{"result": "\ud800"}' """
            "from xapi.statements"
        )
    lake.export()
    assert lake.ask("school", "select response from statements order by stored") == [("good",), (None,)]


def test_export__nothing_yet_is_an_empty_table(lake: Lake) -> None:
    lake.database.tenant("school")
    lake.make_mart("mart_notes", "tenant_id integer, note text, at timestamptz")
    lake.export()
    assert lake.ask("school", "select count(*), count(verb_iri) from statements") == [(0, 0)]
    assert lake.ask("school", "select note from mart_notes") == []
    assert lake.ask("school", "select tenant, position > 0 from about") == [("school", True)]


class Breaking(Store):
    """Breaks off at one of its writes."""

    def __init__(self, store: Store, puts: int) -> None:
        self.__dict__.update(store.__dict__)
        self.left = puts

    def put(self, path: str, content: bytes | Path) -> None:
        if self.left == 0:
            raise ConnectionError("broken off")
        self.left -= 1
        super().put(path, content)


def test_export__broken_off_anywhere_a_reader_sees_all_of_it_or_nothing(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.make_mart("mart_notes", "tenant_id integer, note text", [(school.tenant_id, "old")])
    lake.put(school, MAY, say("old"))
    lake.put(school, JUNE, say("old"))
    lake.export()
    lake.put(school, MAY, say("young"))
    lake.put(school, JUNE, say("young"))
    lake.change("update marts.mart_notes set note = 'young'")
    seen = []
    for puts in range(6):
        with pytest.raises(ConnectionError) if puts < 5 else nullcontext():
            lake.export(store=Breaking(open_store(lake.settings()), puts))
        seen.append((lake.responses("school"), lake.ask("school", "select note from mart_notes")))
    old, young = (["old", "old"], [("old",)]), (["old", "old", "young", "young"], [("young",)])
    # Two months, a mart, the catalogue, the manifest.
    assert seen == [old, old, old, old, young, young]
    assert len(lake.files("school", "statements")) == 4, "what was broken off is cleaned away; what was replaced waits"


def test_export__never_two_at_once(lake: Lake) -> None:
    lake.database.tenant("school")
    with lake_turn(lake.settings()), pytest.raises(LakeBusyError, match="exported already"):
        lake.export()
    lake.export()


def test_turn__no_reader_can_hold_it(lake: Lake) -> None:
    school = lake.database.tenant("school")
    for command in ("lock table control.lake_turn in share update exclusive mode", "table control.lake_turn"):
        with lake.database.reader(school) as reader, pytest.raises(errors.InsufficientPrivilege):
            reader.execute(command)


def test_full__writes_what_is_as_it_was(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("a"))
    lake.export()
    (done,) = lake.export(full=True)
    assert (done.files, done.rows, lake.responses("school")) == (1, 1, ["a"])


def test_export__the_lake_of_another_database_is_not_taken_for_ours(lake: Lake) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("ours"))
    lake.export()
    path = lake.folder / "school" / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "position": 10**9}))
    (done,) = lake.export()
    assert (done.files, lake.responses("school")) == (1, ["ours"])
    path.write_text("{")
    (done,) = lake.export()
    assert (done.files, lake.responses("school")) == (1, ["ours"])


def test_catalogue__opens_from_anywhere_and_says_what_its_columns_mean(lake: Lake, tmp_path: Path) -> None:
    school = lake.database.tenant("school")
    lake.put(school, MAY, say("a"))
    lake.export()
    elsewhere = tmp_path / "elsewhere"
    lake.folder.rename(elsewhere)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{elsewhere}/school/catalogue.duckdb' as school (read_only)")
        connection.execute(f"set variable lake = '{elsewhere}/'")
        assert connection.execute("select response from school.statements").fetchall() == [("a",)]
        described = connection.execute(
            "select count(*), count(comment) from duckdb_columns() where table_name = 'statements'"
        ).fetchone()
    assert described == (26, 26)


def test_export__a_change_of_settings_alone_writes_no_file(lake: Lake) -> None:
    lake.put(lake.database.tenant("school"), MAY, say("a"))
    lake.export()
    with lake.database.admin() as connection:
        update_tenant(connection, "school", {"name": "Another"})
    (done,) = lake.export()
    assert done.files == 0
    assert lake.ask("school", "select position from about") == [(done.position,)]


def test_connected__needs_no_more_than_the_transforming_role(lake: Lake) -> None:
    with connected(lake.settings()) as connection:
        assert connection.execute("select session_user::text").fetchone() == ("lyceum_transform",)
