"""What became of the statements of a file."""

import msgspec


class Counts(msgspec.Struct, frozen=True):
    """Each that was read is one of the other three; `repeated` were stored before."""

    read: int = 0
    stored: int = 0
    repeated: int = 0
    rejected: int = 0

    def plus(self, stored: int, repeated: int, rejected: int) -> "Counts":
        return Counts(
            self.read + stored + repeated + rejected,
            self.stored + stored,
            self.repeated + repeated,
            self.rejected + rejected,
        )
