"""Where parcels go: into files, to an LRS, or wherever else something with these verbs leads."""

from typing import Protocol

from simulator.delivery.parcels import Parcel


class Sink(Protocol):
    def put(self, parcel: Parcel) -> None: ...

    def flush(self) -> None:
        """Do not wait for more before sending what was put."""
        ...

    def close(self) -> None:
        """What was put is there when this returns; otherwise it raises."""
        ...
