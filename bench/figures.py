"""Figures from samples."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Spread(NamedTuple):
    """Of the same figure in several repeats."""

    middle: float
    least: float
    most: float

    def show(self, form: str = ",.0f", unit: str = "") -> str:
        middle = f"{self.middle:{form}}{unit}"
        if self.least == self.most:
            return middle
        return f"{middle} ({self.least:{form}}-{self.most:{form}})"


class Latency(NamedTuple):
    """Milliseconds."""

    p50: float
    p95: float
    p99: float
    worst: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(median(values), min(values), max(values))


def latency(seconds: Sequence[float]) -> Latency:
    ordered = sorted(seconds)
    return Latency(*(percentile(ordered, share) * 1e3 for share in (0.5, 0.95, 0.99, 1)))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The least value that this share does not exceed."""
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]
