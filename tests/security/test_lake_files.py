"""The lake's files: each tenant's under its own folder, with its rows only, whatever somebody calls a thing."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from psycopg import DataError, errors

from core.errors import UserError
from core.settings import Settings
from core.tenants import Tenant
from lake.export import export
from lake.status import lake_status
from tests.harness.command import Command
from tests.harness.database import Database
from tests.harness.planting import Planted
from tests.integration.lake.lakes import Lake

# Of a tenant, as one that asks for more would be called.
SLUGS = (
    "..", ".", "", "/", "../theirs", "ours/../theirs", "/etc", "theirs/", "./theirs", "theirs\n", "theirs\0", "THEIRS",
    "theirs%2f..", "..\\theirs", "theirs*", "~", "$HOME", "theirs;", "'; drop table control.tenants; --", "-theirs",
    "theirs/statements", "a" * 64, "théirs", "manifest.json/..",
)  # fmt: skip
# Of a mart: these may be its name, and are a file's within its tenant's folder.
ODD_MARTS = ("a b", "a(b", "a\\..\\b", "*", "naïve", "-rf", "statements ")
# And these may not.
CLIMBING_MARTS = ("..", "../theirs", "../../elsewhere", "x/../../theirs/statements", "./x", "a//b")


@pytest.fixture(scope="module")
def lake(server: Settings, database: Database, planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(server, database, tmp_path_factory.mktemp("around") / "lake")
    rows = [(tenant.tenant_id, mark) for tenant, mark in whose(planted)]
    for name in ("mart_notes", *(f'"{name}"' for name in ODD_MARTS)):
        lake.make_mart(name, "tenant_id integer, note text", rows)
    lake.export()
    return lake


def whose(planted: Planted) -> list[tuple[Tenant, str]]:
    return [(planted.ours, planted.our_mark), (planted.theirs, planted.their_mark)]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_files__lie_under_their_tenants_folder_and_nowhere_else(lake: Lake, planted: Planted) -> None:
    assert {path.name for path in lake.folder.parent.iterdir()} == {"lake"}
    assert {path.name for path in lake.folder.iterdir()} == {planted.ours.slug, planted.theirs.slug}
    assert lake.folder.stat().st_mode & 0o777 == 0o700
    for slug in (planted.ours.slug, planted.theirs.slug):
        tables = {path.relative_to(lake.folder / slug).parts[0] for path in lake.files(slug)}
        assert tables == {"statements", "mart_notes", *ODD_MARTS}


def test_files__each_holds_its_tenants_rows_only(lake: Lake, planted: Planted, proof: Callable[..., None]) -> None:
    """Also in what goes with the rows: names, statistics, the manifest, the catalogue."""
    counted = 0
    for (ours, mark), (_, other) in itertools.permutations(whose(planted)):
        for path in files(lake.folder / ours.slug):
            content = path.read_bytes()
            if path.suffix == ".parquet":
                content += repr(pq.read_table(path).to_pylist()).encode()
                assert mark.encode() in content, path
            assert other.encode() not in content, path
            counted += 1
    assert counted > 20
    proof(files=counted)


@pytest.mark.parametrize("slug", SLUGS)
def test_slugs__none_leads_out_of_a_folder(lake: Lake, slug: str) -> None:
    """It cannot be a tenant's, neither by our code nor by the database; and nobody's is exported or shown."""
    before = files(lake.folder.parent)
    with pytest.raises(UserError, match="cannot be a tenant's slug"):
        lake.database.tenant(slug)
    for ask in (lambda: export(lake.settings(), tenant=slug), lambda: lake_status(lake.settings(), slug)):
        with pytest.raises((UserError, DataError)):
            ask()
    with lake.database.admin() as connection, pytest.raises((errors.CheckViolation, DataError)):
        connection.execute("update control.tenants set slug = %s where slug = 'theirs'", [slug])
    assert files(lake.folder.parent) == before


def test_command__refuses_in_words(lake: Lake, server: Settings) -> None:
    lyceum = Command(server, lake.database.settings)
    done = lyceum("lake", "export", "--tenant", "../theirs", LYCEUM_LAKE_ADDRESS=f"file://{lake.folder}")
    assert (done.code, done.out) == (1, "")
    assert done.err == "Error: There is no tenant '../theirs'.\n`lyceum tenants list` shows all.\n"


@pytest.mark.parametrize("name", CLIMBING_MARTS)
def test_marts__none_leads_out_of_its_tenants_folder(lake: Lake, name: str) -> None:
    before = files(lake.folder.parent)
    lake.make_mart(f'"{name}"', "tenant_id integer, note text")
    try:
        with pytest.raises((UserError, ValueError), match=r"leads out of its folder|parse path"):
            lake.export()
    finally:
        lake.change(f'drop table marts."{name}"')
    assert files(lake.folder.parent) == before
    lake.export()


def test_links__what_they_lead_to_is_left_alone(lake: Lake, planted: Planted) -> None:
    """Somebody who may write into a tenant's folder could else have the export delete another's files."""
    theirs, ours = lake.folder / planted.theirs.slug, lake.folder / planted.ours.slug
    before = {path: path.read_bytes() for path in files(theirs)}
    (ours / "link").symlink_to(theirs)
    (ours / "link.parquet").symlink_to(next(path for path in before if path.suffix == ".parquet"))
    lake.export(tenant=planted.ours.slug, full=True)
    assert {path: path.read_bytes() for path in files(theirs)} == before


def test_links__nothing_is_written_where_they_lead(lake: Lake, planted: Planted) -> None:
    elsewhere = lake.folder.parent / "elsewhere"
    elsewhere.mkdir()
    notes = lake.folder / planted.ours.slug / "mart_notes"
    notes.rename(notes.with_name("aside"))
    notes.symlink_to(elsewhere)
    try:
        with pytest.raises(UserError, match="leads out of its folder"):
            lake.export(tenant=planted.ours.slug, full=True)
    finally:
        notes.unlink()
        notes.with_name("aside").rename(notes)
    assert list(elsewhere.iterdir()) == []
    elsewhere.rmdir()


def test_manifest__that_names_anothers_files_gets_nobody_to_them(lake: Lake, planted: Planted) -> None:
    """Whoever wrote it: the next export names what it has written itself, and deletes nothing of the other's."""
    theirs = lake.folder / planted.theirs.slug
    before = {path: path.read_bytes() for path in files(theirs)}
    path = lake.folder / planted.ours.slug / "manifest.json"
    manifest = json.loads(path.read_text())
    stolen = str(next(one for one in before if one.suffix == ".parquet").relative_to(lake.folder))
    manifest["replaced"] = [{"path": name, "at": "2020-01-01T00:00:00Z"} for name in (stolen, "../x", "/etc/passwd")]
    path.write_text(json.dumps(manifest))
    lake.export(tenant=planted.ours.slug, full=True)
    assert {path: path.read_bytes() for path in files(theirs)} == before
    assert planted.theirs.slug not in path.read_text()
