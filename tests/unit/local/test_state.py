from pathlib import Path

import pytest

from local.state import Phase, ProcessState, State, read_state


def test_write_and_read(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = State(
        7, [ProcessState("kafka", "restarting", port=9092, restarts=2, error="ended by SIGKILL", notes=["a"])]
    )
    state.write(path)
    assert read_state(path) == state
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_read__none_yet(tmp_path: Path) -> None:
    assert read_state(tmp_path / "state.json") is None


@pytest.mark.parametrize(
    ("phases", "is_up"),
    [(("ready", "finished"), True), (("ready", "starting"), False), (("ready", "failed"), False), ((), True)],
)
def test_is_up(phases: tuple[Phase, ...], is_up: bool) -> None:
    assert State(7, [ProcessState(phase, phase) for phase in phases]).is_up is is_up
