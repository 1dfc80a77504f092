"""A program to run, with its environment and its rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Privileges(StrEnum):
    SAME = "same"
    # For PostgreSQL, which refuses to run as root; see launch.py.
    NAMESPACE = "namespace"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Command:
    """`environment` is the whole of it; with none, the supervisor's is inherited."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    privileges: Privileges = Privileges.SAME
