"""How long to wait before a process that died is started again."""

from dataclasses import dataclass

FIRST = 0.5
MOST = 30.0
# Having been well for so long, a process starts with a clean sheet.
FORGIVEN_AFTER = 60.0


@dataclass
class Backoff:
    failures: int = 0

    def next(self, was_well_for: float) -> float:
        if was_well_for >= FORGIVEN_AFTER:
            self.failures = 0
        self.failures += 1
        return float(min(FIRST * 2 ** (self.failures - 1), MOST))
