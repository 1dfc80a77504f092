from pathlib import Path

from local.logfile import last_lines, rotate


def test_rotate__a_writer_goes_on_at_the_new_end(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 10)
        rotate(log, most=20)
        writer.write(b"new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "kafka.log.1").read_text() == "old\n" * 10


def test_rotate__small(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("line\n")
    rotate(log, most=20)
    assert log.read_text() == "line\n"


def test_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "kafka.log"
    log.write_text("".join(f"line {number} {'x' * 1000}\n" for number in range(100)))
    assert [line[:8].strip() for line in last_lines(log, 2)] == ["line 98", "line 99"]


def test_last_lines__none(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "kafka.log", 5) == []
