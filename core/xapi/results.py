"""Results and scores, read into the form in which they are compared."""

from typing import Any

from core.xapi.activities import extensions
from core.xapi.errors import StatementError, shown_text
from core.xapi.memory import remembered
from core.xapi.times import duration
from core.xapi.values import Reader, boolean, number, read_object, string

_SCORE_READERS: dict[str, Reader[int | float]] = dict.fromkeys(("scaled", "raw", "min", "max"), number)


@remembered(4096)
def score(value: bytes) -> dict[str, int | float]:
    found = read_object(value, _SCORE_READERS)
    lowest, highest = found.get("min"), found.get("max")
    if not -1 <= found.get("scaled", 0) <= 1:
        raise _out_of_bounds("scaled", found, "a number from -1 to 1")
    if lowest is not None and highest is not None and lowest >= highest:
        raise _out_of_bounds("min", found, f"a number less than max ({_shown(highest)})")
    if (raw := found.get("raw")) is not None:
        if lowest is not None and raw < lowest:
            raise _out_of_bounds("raw", found, f"a number not less than min ({_shown(lowest)})")
        if highest is not None and raw > highest:
            raise _out_of_bounds("raw", found, f"a number not greater than max ({_shown(highest)})")
    return found


def _out_of_bounds(name: str, score: dict[str, int | float], allowed: str) -> StatementError:
    return StatementError(name, _shown(score[name]), allowed)


def _shown(number: int | float) -> str:
    return shown_text(str(number))


_READERS: dict[str, Reader[Any]] = {
    "score": score,
    "success": boolean,
    "completion": boolean,
    "response": string,
    "duration": duration,
    "extensions": extensions,
}


def result(value: bytes) -> dict[str, Any]:
    return read_object(value, _READERS)
