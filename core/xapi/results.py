"""Results and scores, read into the form in which they are compared."""

from typing import Any

from core.xapi.activities import extensions
from core.xapi.errors import StatementError
from core.xapi.memory import remembered
from core.xapi.times import duration
from core.xapi.values import Reader, boolean, number, read_object, string

_SCORE_READERS: dict[str, Reader[int | float]] = dict.fromkeys(("scaled", "raw", "min", "max"), number)


@remembered(4096)
def score(value: bytes) -> dict[str, int | float]:
    found = read_object(value, _SCORE_READERS)
    lowest, highest = found.get("min"), found.get("max")
    if not -1 <= found.get("scaled", 0) <= 1:
        raise StatementError("scaled", str(found["scaled"]), "a number from -1 to 1")
    if lowest is not None and highest is not None and lowest >= highest:
        raise StatementError("min", str(lowest), f"a number less than max ({highest})")
    if (raw := found.get("raw")) is not None:
        if lowest is not None and raw < lowest:
            raise StatementError("raw", str(raw), f"a number not less than min ({lowest})")
        if highest is not None and raw > highest:
            raise StatementError("raw", str(raw), f"a number not greater than max ({highest})")
    return found


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
