"""The topics: their names, how each must be set up, and whether it is."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from core.errors import UserError
from core.kafka import open_admin
from core.settings import KafkaSettings

MIB = 1 << 20
DAY_MS = 86_400_000
CREATE = "`lyceum topics create` makes what is missing; what is set wrongly must be set right on the broker."


class Topic(NamedTuple):
    name: str
    partitions: int
    replicas: int
    configs: dict[str, str]


class TopicState(NamedTuple):
    """`faults` are sentences; with none, the topic can be used."""

    name: str
    topic_id: UUID | None
    partitions: int
    faults: list[str]


class Topics(NamedTuple):
    statements: str
    bulk: str
    events: str
    dead_letters: str


def topic_names(kafka: KafkaSettings) -> Topics:
    names = ("statements.v1", "statements-bulk.v1", "lms-events.v1", "dead-letters.v1")
    return Topics(*(kafka.topic_prefix + name for name in names))


def group_name(kafka: KafkaSettings, topic: str) -> str:
    """One group for each topic, so that joining one does not disturb the others."""
    return f"{kafka.topic_prefix}ingest.{topic.removeprefix(kafka.topic_prefix)}"


def topics_wanted(kafka: KafkaSettings, brokers: int) -> list[Topic]:
    replicas = kafka.replication_factor or (3 if brokers >= 3 else 1)
    configs = {
        "cleanup.policy": "delete",
        "retention.ms": str(kafka.retention_days * DAY_MS),
        "max.message.bytes": str(kafka.max_record_mb * MIB),
        "message.timestamp.type": "LogAppendTime",
        "unclean.leader.election.enable": "false",
        # Acknowledged means on disk: on each of several machines in memory, or on the disk of the only one.
        **({"min.insync.replicas": "2"} if replicas >= 3 else {"flush.messages": "1"}),
    }
    names = topic_names(kafka)
    return [
        Topic(names.statements, kafka.partitions, replicas, configs),
        Topic(names.bulk, min(2, kafka.partitions), replicas, configs),
        Topic(names.events, min(2, kafka.partitions), replicas, configs),
        Topic(names.dead_letters, 1, replicas, configs),
    ]


def create_topics(kafka: KafkaSettings) -> list[str]:
    """Those that were not there. What is there is left as it is."""
    with open_admin(kafka) as admin:
        wanted = topics_wanted(kafka, len(admin.describe_cluster()["brokers"]))
        known = {
            topic["name"] for topic in admin.describe_topics([one.name for one in wanted]) if not topic["error_code"]
        }
        missing = [one for one in wanted if one.name not in known]
        if missing:
            admin.create_topics({one.name: _description(one) for one in missing}, wait_for_metadata=True)
    return [one.name for one in missing]


def check_topics(kafka: KafkaSettings) -> list[TopicState]:
    with open_admin(kafka) as admin:
        wanted = topics_wanted(kafka, len(admin.describe_cluster()["brokers"]))
        names = [one.name for one in wanted]
        described = {topic["name"]: topic for topic in admin.describe_topics(names)}
        configs = _configs(admin, [name for name in names if not described[name]["error_code"]])
    return [_state(one, described[one.name], configs.get(one.name, {})) for one in wanted]


def require_topics(kafka: KafkaSettings) -> dict[str, TopicState]:
    """Wrong ones lose statements, or their order: nothing runs on them."""
    states = check_topics(kafka)
    faults = [f"{state.name}: {fault}" for state in states for fault in state.faults]
    if faults:
        raise UserError(f"The topics are not as they must be. {' '.join(faults)}", CREATE)
    return {state.name: state for state in states}


def _description(topic: Topic) -> dict[str, Any]:
    return {"num_partitions": topic.partitions, "replication_factor": topic.replicas, "configs": topic.configs}


def _configs(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    from kafka.admin import ConfigResource, ConfigResourceType  # noqa: PLC0415 - see open_admin

    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = admin.describe_configs(resources, config_filter="all")["topic"]
    return {name: {key: entry["value"] for key, entry in entries.items()} for name, entries in found.items()}


def _state(wanted: Topic, described: dict[str, Any], configs: dict[str, str]) -> TopicState:
    if described["error_code"]:
        return TopicState(wanted.name, None, 0, ["it does not exist."])
    partitions = described["partitions"]
    return TopicState(wanted.name, UUID(str(described["topic_id"])), len(partitions), _faults(wanted, configs))


def _faults(wanted: Topic, configs: dict[str, str]) -> list[str]:
    faults = [
        f"{name} is {configs.get(name)}, and must be {value}."
        for name, value in wanted.configs.items()
        if name not in ("retention.ms", "max.message.bytes") and configs.get(name) != value
    ]
    for name in ("retention.ms", "max.message.bytes"):
        value = int(configs.get(name, "0"))
        if 0 <= value < int(wanted.configs[name]):
            faults.append(f"{name} is {value}, and must be {wanted.configs[name]} at least.")
    return faults
