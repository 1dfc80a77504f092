from io import StringIO

from rich.console import Console

from cli.bulk_progress import BulkProgress


def shown(*, is_terminal: bool, line_seconds: float, total: int | None = 1000) -> str:
    written = StringIO()
    console = Console(file=written, force_terminal=is_terminal, width=100)
    with BulkProgress(console, "Imported", total, line_seconds) as progress:
        progress.show(1200, 500)
        progress.show(2400, 1000)
    return written.getvalue()


def test_show__lines_where_there_is_no_terminal() -> None:
    assert shown(is_terminal=False, line_seconds=0).splitlines() == [
        "Imported: 1,200 statements (50 %)",
        "Imported: 2,400 statements (100 %)",
    ]


def test_show__not_too_many_lines() -> None:
    assert shown(is_terminal=False, line_seconds=60) == ""


def test_show__of_a_stream_nobody_knows_the_share() -> None:
    assert shown(is_terminal=False, line_seconds=0, total=None).splitlines()[0] == "Imported: 1,200 statements"


def test_show__a_bar_in_a_terminal() -> None:
    written = shown(is_terminal=True, line_seconds=0)
    assert "━" in written
    assert "2,400 statements (100 %)" in written
