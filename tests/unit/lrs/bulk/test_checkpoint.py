from pathlib import Path

import msgspec
import pytest

from core.errors import UserError
from lrs.bulk.checkpoint import Checkpoint, checkpoint_path, describe, load_checkpoint, save_checkpoint
from lrs.bulk.counts import Counts
from lrs.bulk.pieces import Place
from lrs.bulk.source import open_source


def checkpoint(folder: Path, content: bytes = b'{"a":1}\n', **changes: object) -> Checkpoint:
    path = folder / "statements.ndjson"
    path.write_bytes(content)
    rejects = folder / "rejects"
    rejects.write_bytes(b"x" * 10)
    with open_source(path) as source:
        of = describe(source, "school", ["key", "1.0.3"], rejects)
    made = Checkpoint(of, Place("lines", 8, 2, 1), Counts().plus(1, 0, 0), 10)
    return msgspec.structs.replace(made, **changes)


def test_save__what_is_loaded_is_what_was_saved(tmp_path: Path) -> None:
    path = checkpoint_path(tmp_path / "statements.ndjson", "school")
    saved = checkpoint(tmp_path)
    save_checkpoint(path, saved)
    assert path.name == "statements.ndjson.school.checkpoint"
    assert load_checkpoint(path) == saved
    assert saved.fits(saved.of)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"of":{}}', b"\xff"])
def test_load__what_is_none_or_unreadable_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "checkpoint"
    if content is not None:
        path.write_bytes(content)
    assert load_checkpoint(path) is None


@pytest.mark.parametrize("content", [b'{"a":1}\n{"b":2}\n', b'{"a":2}\n'])
def test_fits__not_another_file(tmp_path: Path, content: bytes) -> None:
    saved = checkpoint(tmp_path)
    assert not saved.fits(checkpoint(tmp_path, content).of)


@pytest.mark.parametrize("changes", [{"tenant": "other"}, {"options": ["key", "2.0.0"]}, {"rejects": "/elsewhere"}])
def test_fits__not_another_import_of_the_same_file(tmp_path: Path, changes: dict[str, object]) -> None:
    saved = checkpoint(tmp_path)
    assert not saved.fits(msgspec.structs.replace(saved.of, **changes))


@pytest.mark.parametrize("rejects", [None, b"x" * 9])
def test_fits__not_without_all_that_was_rejected(tmp_path: Path, rejects: bytes | None) -> None:
    saved = checkpoint(tmp_path)
    path = Path(saved.of.rejects)
    path.unlink()
    if rejects is not None:
        path.write_bytes(rejects)
    assert not saved.fits(saved.of)


def test_save__a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="The import's place cannot be kept"):
        save_checkpoint(tmp_path / "none" / "checkpoint", checkpoint(tmp_path))
