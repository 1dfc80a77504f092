"""What runs now, as other commands read it from `run/state.json`."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Phase = Literal["waiting", "preparing", "starting", "ready", "finished", "restarting", "failed", "stopping", "stopped"]


@dataclass
class ProcessState:
    name: str
    phase: Phase = "waiting"
    port: int | None = None
    pid: int | None = None
    started_at: float | None = None
    # From the start of its preparation until it was ready.
    seconds: float | None = None
    restarts: int = 0
    error: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class State:
    supervisor: int
    processes: list[ProcessState]

    @property
    def is_up(self) -> bool:
        return all(process.phase in ("ready", "finished") for process in self.processes)

    @property
    def failed(self) -> list[ProcessState]:
        return [process for process in self.processes if process.phase == "failed"]

    def write(self, path: Path) -> None:
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        temporary.replace(path)


def read_state(path: Path) -> State | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return State(document["supervisor"], [ProcessState(**process) for process in document["processes"]])
