"""`lyceum topics`."""

from typing import Annotated

import typer

from cli.context import JSON_OPTION, print_json, print_table, say, settings
from cli.topic_records import read_record
from core.topics import TopicState, check_topics, create_topics

app = typer.Typer(help="The topics in Kafka, as they must be.", no_args_is_help=True, add_completion=False)


@app.command("create")
def create(as_json: bool = JSON_OPTION) -> None:
    """Make the topics that are missing, and check all: what is there is left as it is.

    Example: `lyceum topics create`
    """
    kafka = settings().kafka
    made = create_topics(kafka)
    if not as_json:
        for name in made:
            say(f"made {name}")
    _report(check_topics(kafka), as_json)


@app.command("check")
def check(as_json: bool = JSON_OPTION) -> None:
    """Say whether each topic is as it must be; ends with 1 where one is not.

    Example: `lyceum topics check --json`
    """
    _report(check_topics(settings().kafka), as_json)


@app.command("show")
def show(
    topic: Annotated[str, typer.Argument(help="The topic's name.")],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
) -> None:
    """Print what lies in a topic at an offset: of statements, an envelope as docs/kafka.md describes it.

    Example: `lyceum topics show lyceum.statements.v1 0 0 | jq`
    """
    typer.echo(read_record(settings().kafka, topic, partition, offset).value)


def _report(states: list[TopicState], as_json: bool) -> None:
    if as_json:
        print_json([
            {"topic": one.name, "id": str(one.topic_id), "partitions": one.partitions, "faults": one.faults}
            for one in states
        ])  # fmt: skip
    else:
        rows = [[one.name, one.partitions, " ".join(one.faults) or "ok"] for one in states]
        print_table(["topic", "partitions", "state"], rows, "")
    if any(one.faults for one in states):
        raise typer.Exit(1)
