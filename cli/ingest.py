"""`lyceum ingest`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.context import JSON_OPTION, loaded_settings, print_facts, print_json, print_table, problems, say, settings
from core.errors import UserError
from core.logs import configure_logs

if TYPE_CHECKING:
    from ingest.replay import Replayed
    from ingest.survey import Survey

app = typer.Typer(help="From Kafka into the database.", no_args_is_help=True, add_completion=False)

NOT_RESTORED = (
    "Not in the topic, and so not restored: documents (state and profiles), credentials, what was imported from an "
    "LMS, statements imported while there was no broker, and the data of attachments where its storage is gone."
)


@app.command("serve")
def run() -> None:
    """Write what the topics bring, until stopped. Several processes share the partitions.

    Example: `lyceum ingest serve`
    """
    from ingest.serve import serve  # noqa: PLC0415 - the client of Kafka takes a while to load

    current = loaded_settings().settings
    configure_logs(current.log)
    serve(current)


@app.command("status")
def status(as_json: bool = JSON_OPTION) -> None:
    """Show how far each partition is written, who writes, and what waits or could not be read.

    Example: `lyceum ingest status`
    """
    from ingest.survey import survey  # noqa: PLC0415

    found, now = survey(settings()), datetime.now(UTC)
    if as_json:
        print_json(found)
        return
    print_facts(
        {
            "broker": found.broker,
            "consistent through": found.through,
            "outbox": f"{found.outbox} envelopes",
            "imports under way": found.bulk_loads,
            "events that wait": _waiting(found),
            "dead letters": ", ".join(f"{count} {reason}" for reason, count in found.dead_letters.items()) or "none",
        }
    )
    rows = [
        [
            one.topic,
            one.partition,
            one.next_offset,
            one.records,
            None if one.seconds is None else f"{one.seconds:.1f} s",
        ]
        for one in found.partitions
    ]
    say("")
    print_table(["topic", "partition", "written up to", "records behind", "behind by"], rows, "No topic is known yet.")
    say("")
    consumers = [
        [one["consumer_id"], one["state"], one["partitions"], one["statements"],
         f"{one['statements_per_second']:.0f}", f"{(now - one['seen_at']).total_seconds():.0f} s ago",
         (one["last_error"] or "").partition("\n")[0]]
        for one in found.consumers
    ]  # fmt: skip
    columns = ["consumer", "state", "partitions", "statements", "a second", "seen", "last error"]
    print_table(columns, consumers, "No consumer was seen in the last hour: `lyceum ingest serve`.")


def _waiting(found: "Survey") -> str:
    if found.waiting_since is None:
        return "none"
    since = found.waiting_since.isoformat(timespec="seconds")
    return f"{found.waiting_events} for something that nobody has told of yet, the oldest since {since}"


@app.command("replay")
def replay(
    since: str = typer.Option(..., "--from", help="A time (2026-06-01T00:00Z), an offset, or `beginning`."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Read the topics again into the same tables: adds what is missing, changes nothing that is there.

    Example: `lyceum ingest replay --from 2026-06-01T00:00:00Z`
    """
    from ingest.replay import replay as run_replay  # noqa: PLC0415

    with _progress("reading again") as advance:
        done = run_replay(settings(), _since(since), advance)
    _report(done, as_json)


@app.command("rebuild")
def rebuild(
    partial: bool = typer.Option(False, "--partial", help="Although the topic's beginning is gone."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Fill a database without statements from the topics. Its tenants must be there, under their uuids.

    Example: `lyceum tenants create school --name School --uuid 0b6b…; lyceum ingest rebuild`
    """
    from ingest.replay import rebuild as run_rebuild  # noqa: PLC0415

    with _progress("rebuilding") as advance:
        done = run_rebuild(settings(), is_partial=partial, progress=advance)
    _report(done, as_json)
    if not as_json:
        say(NOT_RESTORED)
    if done.unknown_tenants:
        raise UserError(
            f"Statements of unknown tenants became dead letters: {' '.join(sorted(done.unknown_tenants))}",
            "Make them with `lyceum tenants create --uuid`, then `lyceum dead-letters retry --reason unknown_tenant`.",
        )


@app.command("adopt-topic")
def adopt_topic(
    accept_loss: bool = typer.Option(
        False, "--accept-loss", help="Also pass over offsets that are gone from a topic that is still the same."
    ),
    as_json: bool = JSON_OPTION,
) -> None:
    """Go on with topics that were deleted and made again: each begins at its beginning.

    Example: `lyceum ingest adopt-topic`
    """
    from ingest.adoption import adopt_topics  # noqa: PLC0415

    adopted = adopt_topics(settings(), accept_loss=accept_loss)
    if as_json:
        print_json(adopted)
        return
    for one in adopted:
        if one.before:
            left = ", ".join(f"partition {number} at offset {offset}" for number, offset in sorted(one.before.items()))
            say(f"{one.topic}: {one.topic_id} from its beginning. The one before was left with {left}.")
        for skipped in one.skipped:
            say(f"{one.topic}: passed over {skipped}.")
    if not adopted:
        say("Nothing to adopt: the topics are those that the ledger knows.")


def _report(done: "Replayed", as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    for each in done.ranges:
        say(f"{each.topic} partition {each.partition}: offsets {each.first} to {each.end - 1}" if each.end > each.first
            else f"{each.topic} partition {each.partition}: nothing")  # fmt: skip
    print_facts(
        {
            "records": done.records,
            "statements": done.statements,
            "written": done.fresh,
            "there already": done.repeated,
            "events": done.events,
            "dead letters": done.dead_letters,
        }
    )


def _since(text: str) -> datetime | int | None:
    if text == "beginning":
        return None
    if text.isdigit():
        return int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"--from {text!r} is neither a time nor an offset.", "Give 2026-06-01T00:00:00Z, 1200, or `beginning`."
        ) from None
    return found.astimezone()


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("records"), TimeRemainingColumn())
    with Progress(*columns, console=problems, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
