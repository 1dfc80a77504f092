"""Attachments go with the rows that list them, by the commands as a user runs them."""

from hashlib import sha256
from pathlib import Path

from tests.harness.command import Command
from tests.harness.database import Database

CONTENTS = [b"an essay", bytes(range(256)) * 9000, b""]


def store(folder: Path, uuid: object, content: bytes) -> Path:
    path = folder / f"tenants/{uuid}/attachments/{sha256(content).hexdigest()}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path.relative_to(folder)


def list_them(database: Database, tenant_id: int, contents: list[bytes]) -> None:
    rows = [(tenant_id, sha256(content).hexdigest(), len(content)) for content in contents]
    with database.admin() as connection, connection.cursor() as cursor:
        cursor.executemany("insert into xapi.attachments values (%s, %s, 'text/plain', %s)", rows)


def test_commands__attachments_come_back_byte_for_byte(
    lyceum: Command, database: Database, restored: Database, tmp_path: Path
) -> None:
    tenant = database.tenant("school")
    here, there, folder = tmp_path / "here", tmp_path / "there", tmp_path / "backup"
    # The last one is of a statement that still waits in the topic.
    paths = [store(here, tenant.tenant_uuid, content) for content in (*CONTENTS, b"not listed yet")]
    (here / "school").mkdir()
    (here / "school" / "lake.parquet").write_bytes(b"the lake is not copied")
    list_them(database, tenant.tenant_id, [*CONTENTS, b"gone"])

    made = lyceum("backup", str(folder), "--with-secrets", LYCEUM_LRS_ATTACHMENTS=here.as_uri())
    assert made.code == 0, made.err
    assert "4 attachments" in made.out
    assert f"1 attachments are not in their storage, the first tenants/{tenant.tenant_uuid}/attachments/" in made.out
    assert f"The secret key is in {folder / 'secrets.toml'}" in made.out
    checked = lyceum("backup", str(folder), "--verify")
    assert (checked.code, "It is whole." in checked.out) == (0, True), checked.err

    elsewhere = Command(lyceum.server, restored.settings)
    done = elsewhere("restore", str(folder), LYCEUM_LRS_ATTACHMENTS=there.as_uri())
    assert done.code == 0, done.err
    assert "4 attachments written" in done.out
    assert "lyceum lake export --full" in done.out
    assert {path: (there / path).read_bytes() for path in paths} == {path: (here / path).read_bytes() for path in paths}
    assert not (there / "school").exists()
    findings = {one["subject"]: one["state"] for one in elsewhere("doctor", "--json").json}
    assert (findings["database"], findings["migrations"], findings["role"]) == ("ok", "ok", "ok")


def test_commands__what_is_no_backup(lyceum: Command, tmp_path: Path) -> None:
    done = lyceum("restore", str(tmp_path))
    assert done.code == 1
    assert "is no backup" in done.err
    assert "Traceback" not in done.err
