"""Where parcels go: into files, to an LRS, or wherever else something with these two verbs leads."""

from typing import Protocol

from simulator.delivery.parcels import Parcel


class Sink(Protocol):
    def put(self, parcel: Parcel) -> None: ...

    def close(self) -> None:
        """What was put is there when this returns; otherwise it raises."""
        ...
