import base64
import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from lrs.bulk.pieces import Piece, Place
from lrs.bulk.rejected import RejectsFile, reject, reject_fault


def piece(text: bytes | None, position: int = 2) -> Piece:
    return Piece(3, position, 70, text, None, Place("lines", 90, 4, position + 1))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def write(path: Path, *texts: bytes | None, kept_bytes: int = 0) -> int:
    file = RejectsFile(path, kept_bytes)
    size = file.add([reject(piece(text), "malformed", "why", "verb.id") for text in texts])
    file.close()
    return size


def test_add__all_that_one_needs_to_mend_it(tmp_path: Path) -> None:
    size = write(tmp_path / "r", '{"id":"7","näme":"\\u00e9\\n"}'.encode())
    assert size == (tmp_path / "r").stat().st_size
    assert lines(tmp_path / "r") == [
        {
            "line": 3,
            "position": 2,
            "id": "7",
            "reason": "malformed",
            "path": "verb.id",
            "message": "why",
            "text": '{"id":"7","näme":"\\u00e9\\n"}',
        }
    ]


@pytest.mark.parametrize("text", [b"{", b'["id"]', b'{"id":7}', b"", b"[" * 100_000])
def test_reject__no_id_to_tell(text: bytes) -> None:
    rejected = reject(piece(text), "malformed", "why")
    assert (rejected.id, rejected.text) == (None, text.decode())


def test_add__bytes_that_are_no_text(tmp_path: Path) -> None:
    write(tmp_path / "r", b'{"a":"\xff"}')
    (found,) = lines(tmp_path / "r")
    assert found["text"] is None
    assert base64.b64decode(found["base64"]) == b'{"a":"\xff"}'


def test_reject_fault__too_large_says_where_it_is() -> None:
    rejected = reject_fault(piece(None), "too_large", 1000)
    assert rejected.text is None
    assert "larger than 1000 bytes" in rejected.message
    assert "at byte 70" in rejected.message


def test_open__what_an_interrupted_run_wrote_last_is_written_again(tmp_path: Path) -> None:
    kept = write(tmp_path / "r", b"1", b"2")
    write(tmp_path / "r", b"3", b"4", kept_bytes=kept)
    assert [line["text"] for line in lines(tmp_path / "r")] == ["1", "2", "3", "4"]
    write(tmp_path / "r", b"5", kept_bytes=kept)
    assert [line["text"] for line in lines(tmp_path / "r")] == ["1", "2", "5"]


def test_close__nothing_rejected_leaves_no_file(tmp_path: Path) -> None:
    write(tmp_path / "r", b"1")
    RejectsFile(tmp_path / "r").close()
    assert not (tmp_path / "r").exists()


def test_open__not_while_another_import_writes_it(tmp_path: Path) -> None:
    first = RejectsFile(tmp_path / "r")
    first.add([reject(piece(b"1"), "malformed", "why")])
    with pytest.raises(UserError, match="Another import is writing"):
        RejectsFile(tmp_path / "r")
    first.close()
    assert len(lines(tmp_path / "r")) == 1


def test_open__a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        RejectsFile(tmp_path / "none" / "r")
