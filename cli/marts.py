"""`lyceum marts`."""

from datetime import UTC, datetime

import typer
from rich.markup import escape

from cli.context import JSON_OPTION, out, print_facts, print_json, say, settings
from core.errors import UserError
from orchestration.dbt import Dbt
from orchestration.refresh import RefreshResult, refresh
from orchestration.status import MartsStatus, read_status

app = typer.Typer(help="The marts: what dashboards and analysts read.", no_args_is_help=True, add_completion=False)


@app.command("refresh")
def refresh_marts(
    full: bool = typer.Option(False, "--full", help="Make every table anew. Readers keep the old ones meanwhile."),
    tenant: str | None = typer.Option(None, help="Refresh, then make this tenant's rows anew.", metavar="SLUG"),
    as_of: str | None = typer.Option(
        None, "--as-of", help="The time at which what depends on now is looked at. Now, if not given.", metavar="TIME"
    ),
    as_json: bool = JSON_OPTION,
) -> None:
    """Bring the marts up to the last statement, event and import.

    Example: `lyceum marts refresh` · `lyceum marts refresh --tenant school --as-of 2026-11-01T00:00:00Z`
    """
    moment = _moment(as_of)
    dbt = Dbt(settings(), None if as_json else _show_model)
    result = refresh(settings(), full=full, tenant=tenant, as_of=moment, dbt=dbt)
    _show(result, as_json)


@app.command("status")
def show_status(as_json: bool = JSON_OPTION) -> None:
    """Say as of when the marts are, and how far they are behind. Exits 3 where there are none yet.

    Example: `lyceum marts status --json | jq .waiting_batches`
    """
    status = read_status(settings())
    if as_json:
        print_json(_plain(status))
    else:
        print_facts(_plain(status))
    if status.as_of is None:
        raise typer.Exit(3)


@app.command("dictionary")
def show_dictionary() -> None:
    """Print every mart with its columns, as docs/data-dictionary.md has it.

    Example: `lyceum marts dictionary > docs/data-dictionary.md`
    """
    from orchestration.dictionary import dictionary  # noqa: PLC0415 - Dagster takes a while to load
    from orchestration.manifest import ensure_manifest  # noqa: PLC0415

    ensure_manifest()
    say(dictionary().rstrip())


def _show_model(name: str, state: str, seconds: float) -> None:
    mark = "[green]ok[/green]  " if state == "success" else f"[red]{escape(state)}[/red]"
    out.print(f"{mark} {escape(name):<32} {seconds:6.2f} s", soft_wrap=True)


def _show(result: RefreshResult, as_json: bool) -> None:
    window = result.window
    if as_json:
        print_json(
            {
                "run_id": window.run_id, "mode": window.mode, "as_of": window.as_of, "seconds": result.seconds,
                "batches": window.through_number - window.from_number, "rebuilt": list(result.rebuilt),
            }
        )  # fmt: skip
        return
    taken = "everything" if window.mode == "full" else f"{window.through_number - window.from_number} batches"
    say(f"The marts are as of {window.as_of:%Y-%m-%d %H:%M:%S %Z}: {taken} in {result.seconds:.1f} s.")


def _plain(status: MartsStatus) -> dict[str, object]:
    return {
        "as_of": status.as_of, "finished_at": status.finished_at, "mode": status.mode,
        "waiting_batches": status.waiting_batches, "waiting_since": status.waiting_since,
        "is_refreshing": status.is_refreshing,
    }  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"{text!r} is no point in time.", "Write it as 2026-11-01T00:00:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
