"""The steps of a start, a line each."""

from rich.console import Console
from rich.markup import escape

from local.home import Home
from local.ports import HOST
from local.state import ProcessState, State


class Progress:
    def __init__(self, console: Console, home: Home) -> None:
        self._console = console
        self._home = home
        self._was_up = False
        self._began = False
        self._shown: dict[str, tuple[str, int]] = {}

    def show(self, state: State) -> None:
        if not self._began:
            self._began = True
            self._say(f"Starting Lyceum in {self._home.folder}")
        for process in state.processes:
            phase, notes = self._shown.get(process.name, ("waiting", 0))
            for note in process.notes[notes:]:
                self._line(process, escape(note))
            if process.phase != phase and (text := _describe(process)):
                self._line(process, text)
            self._shown[process.name] = (process.phase, len(process.notes))

        if state.is_up and not self._was_up:
            self._was_up = True
            self._say(f"[green]Ready.[/] Addresses and logins: {self._home.endpoints_file}")
            self._say(f"Logs: {self._home.log('NAME')}, or `lyceum logs NAME`. Stop: `lyceum down`.")

    def _line(self, process: ProcessState, text: str) -> None:
        self._say(f"  [bold]{process.name:<10}[/] {text}")

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)


def _describe(process: ProcessState) -> str:
    match process.phase:
        case "ready":
            address = f"  {HOST}:{process.port}" if process.port else ""
            return f"[green]ready[/] in {process.seconds:.1f} s{address}"
        case "finished":
            return f"[green]done[/] in {process.seconds:.1f} s"
        case "restarting":
            return f"[yellow]restarting[/]: {escape(process.error or '')}"
        case "failed":
            return "[red]failed[/]"
        case "stopped":
            return "stopped"
        case _:
            return ""
