"""What taking and restoring have to be given."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from backup.attachments import Objects
from backup.programs import Progress


class Means(NamedTuple):
    """`places` are folders where pg_dump and pg_restore may be."""

    objects: Objects
    places: Sequence[Path]
    progress: Progress
