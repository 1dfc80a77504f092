"""Whether being called at risk is equally often wrong for all groups of learners."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from tests.reference.completion import Completions
from tests.reference.engagement import Rows
from tests.reference.read import Row
from tests.reference.risk import Moment, Risks
from tests.reference.school import School

FEWEST = 10


class Outcome(NamedTuple):
    user: str
    flagged: bool
    completed: bool


def fairness_rows(
    school: School, rows: Iterable[Row], completions: Completions, risks: Risks, as_of: Moment
) -> Rows:  # fmt: skip
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for row in rows:
        outcome = _outcome(row, school, completions, risks, as_of)
        if outcome is not None:
            for group in _groups(row, school.users[row["user_id"]]):
                groups[group].append(outcome)
    return [
        _counted(dimension, value, found)
        for (dimension, value), found in sorted(groups.items())
        if len({one.user for one in found}) >= FEWEST
    ]


def _outcome(row: Row, school: School, completions: Completions, risks: Risks, as_of: Moment) -> Outcome | None:
    end, found = risks.end(row), completions.courses.get((row["course_id"], row["user_id"]))
    if end is None or end >= as_of.as_of or end < row["enrolled_at"]:
        return None
    middle = row["enrolled_at"] + (end - row["enrolled_at"]) / 2
    then = Moment(middle, before=middle)
    if not risks.is_asked(row, then):
        return None
    flagged = bool(risks.reasons(row, then))
    return Outcome(row["user_id"], flagged, found is not None and found.at <= end)


def _groups(row: Row, user: Row) -> Iterator[tuple[str, str]]:
    yield "all", "all"
    if row["cohort"] is not None:
        yield "cohort", row["cohort"]
    attributes: dict[str, Any] = msgspec.json.decode(user["attributes"])
    for name, value in attributes.items():
        if value is not None:
            yield name, value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _counted(dimension: str, value: str, found: list[Outcome]) -> dict[str, object]:
    counts = {
        (flagged, completed): sum(one.flagged == flagged and one.completed == completed for one in found)
        for flagged in (True, False)
        for completed in (True, False)
    }
    completed, not_completed = (counts[True, done] + counts[False, done] for done in (True, False))
    return {
        "dimension": dimension, "value": value, "learners": len({one.user for one in found}),
        "flagged_completed": counts[True, True], "flagged_not": counts[True, False],
        "passed_over_completed": counts[False, True], "passed_over_not": counts[False, False],
        "false_positive_rate": counts[True, True] / completed if completed else None,
        "false_negative_rate": counts[False, False] / not_completed if not_completed else None,
    }  # fmt: skip
