from pathlib import Path

import duckdb

from tests.harness.command import Command
from tests.harness.database import Database
from tests.harness.planting import plant


def test_export_and_status__by_hand(lyceum: Command, database: Database, tmp_path: Path) -> None:
    address = {"LYCEUM_LAKE_ADDRESS": f"file://{tmp_path}/lake"}
    assert "No tenants yet" in lyceum("lake", "status", **address).out
    plant(database, "school")
    never = lyceum("lake", "status", "--json", **address).json
    assert (never[0]["exported_at"], never[0]["batches_behind"]) == (None, 3)
    done = lyceum("lake", "export", **address)
    assert (done.code, done.err) == (0, "")
    assert "school: 3 files, 3 rows" in done.out
    assert "school: nothing new" in lyceum("lake", "export", "--tenant", "school", **address).out
    shown = lyceum("lake", "status", **address)
    assert "up to date" in shown.out
    catalogue = shown.out.split("duckdb ")[1].strip()
    with duckdb.connect(catalogue, read_only=True) as opened:
        assert opened.execute("select count(*) from statements").fetchone() == (3,)
    plant(database, "other")
    with database.service("ingest") as connection:
        connection.execute("select ingest.open_batch('statements', array(select tenant_id from control.tenants))")
    after = {one["tenant"]: one["batches_behind"] for one in lyceum("lake", "status", "--json", **address).json}
    assert after == {"school": 1, "other": 4}


def test_export__mistakes(lyceum: Command, tmp_path: Path) -> None:
    assert "no tenant 'nobody'" in lyceum("lake", "export", "--tenant", "nobody").err
    file = tmp_path / "file"
    file.write_text("")
    wrong = lyceum("lake", "export", LYCEUM_LAKE_ADDRESS=f"file://{file}")
    assert (wrong.code, "LYCEUM_LAKE_ADDRESS" in wrong.err, "Traceback" in wrong.err) == (1, True, False)
