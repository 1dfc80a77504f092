"""Attempts at assessments: what the LMS noted and what statements say, joined one to one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.reference.deeds import Deed, History
from tests.reference.read import Row
from tests.reference.school import School
from tests.reference.statements import Statement

SCORING = frozenset(("passed", "failed", "scored", "graded"))
SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
ATTEMPT = "http://id.tincanapi.com/extension/attempt-id"
SAME = timedelta(minutes=1)
NEAR = timedelta(minutes=10)

UserAssessment = tuple[str, str]


@dataclass(frozen=True)
class Attempt:
    user: str
    assessment: str
    submitted_at: datetime
    graded_at: datetime | None
    score: float | None
    share: float | None
    passed: bool | None
    source: str
    number: int | None = None
    id: str = ""
    ordinal: int = 0
    is_last: bool = False
    is_best: bool = False


@dataclass(frozen=True)
class Tried:
    """What statements say of one attempt."""

    at: datetime
    id: str
    score: float | None
    share: float | None
    verdict: bool | None


def attempts(school: School, history: History) -> dict[UserAssessment, list[Attempt]]:
    """Each list in the order of the attempts."""
    said: dict[UserAssessment, list[Statement]] = defaultdict(list)
    for deed in history.deeds:
        if deed.learner.user is not None and deed.place.assessment is not None and _is_attempt(deed):
            said[deed.learner.user, deed.place.assessment].append(deed.statement)
    rows: dict[UserAssessment, list[Row]] = defaultdict(list)
    for row in school.rows("submissions"):
        rows[row["user_id"], row["assessment_id"]].append(row)
    found = {}
    for user, name in sorted(said.keys() | rows.keys()):
        assessment = school.assessments[name]
        tried = list(_tried(said.get((user, name), []), assessment))
        found[user, name] = _ordered(_joined(user, assessment, rows.get((user, name), []), tried))
    return found


def _is_attempt(deed: Deed) -> bool:
    statement = deed.statement
    if not (deed.counts and deed.place.is_object):
        return False
    return statement.kind in SCORING or (statement.kind == "completed" and _has_score(statement))


def _has_score(statement: Statement) -> bool:
    return "scaled" in statement.score or "raw" in statement.score


def _tried(statements: Iterable[Statement], assessment: Row) -> Iterator[Tried]:
    for group in _groups(statements, assessment):
        scored = next((one for one in group if _has_score(one)), None)
        verdicts = (one.verdict for one in group if one.verdict is not None)
        yield Tried(
            at=group[0].at,
            id=group[0].id,
            score=None if scored is None else _points(scored, assessment),
            share=None if scored is None else share(scored, assessment),
            verdict=next(verdicts, None),
        )


def _groups(statements: Iterable[Statement], assessment: Row) -> list[list[Statement]]:
    """By session or attempt id; without one, the same result said again within a minute of the first."""
    named: dict[str, list[Statement]] = {}
    nameless: list[list[Statement]] = []
    for statement in sorted(statements, key=lambda one: one.order):
        name = _attempt_id(statement)
        if name is not None:
            named.setdefault(name, []).append(statement)
            continue
        result = statement.verdict, share(statement, assessment)
        same = (
            group
            for group in nameless
            if (group[0].verdict, share(group[0], assessment)) == result and statement.at - group[0].at <= SAME
        )
        if (group := next(same, None)) is not None:
            group.append(statement)
        else:
            nameless.append([statement])
    return sorted([*named.values(), *nameless], key=lambda group: group[0].order)


def _attempt_id(statement: Statement) -> str | None:
    session, attempt = statement.said_in_context(SESSION), statement.said_in_context(ATTEMPT)
    if session is not None:
        return f"session {session}"
    attempt = attempt if attempt is not None else (statement.definition.get("extensions") or {}).get(ATTEMPT)
    return None if attempt is None else f"attempt {attempt}"


def share(statement: Statement, assessment: Row) -> float | None:
    score = statement.score
    scaled, raw = score.get("scaled"), score.get("raw")
    if scaled is not None and scaled >= 0:
        return float(scaled)
    if raw is None:
        return None
    low, high = score.get("min"), score.get("max")
    if low is not None and high is not None and high > low:
        return float((raw - low) / (high - low))
    return float(raw / assessment["max_score"])


def _points(statement: Statement, assessment: Row) -> float | None:
    raw = statement.score.get("raw")
    of_max = share(statement, assessment)
    if raw is not None:
        return float(raw)
    return None if of_max is None else of_max * float(assessment["max_score"])


def passing_share(assessment: Row) -> float | None:
    passing = assessment["passing_score"]
    return None if passing is None else float(passing / assessment["max_score"])


def _passed(of_max: float | None, assessment: Row) -> bool | None:
    passing = passing_share(assessment)
    return None if of_max is None or passing is None else of_max >= passing


def _joined(user: str, assessment: Row, rows: list[Row], tried: list[Tried]) -> Iterator[Attempt]:
    """The nearest pair first, and nobody twice."""
    pairs = sorted(
        (distance, one.at, row["attempt_number"], place, number)
        for place, one in enumerate(tried)
        for number, row in enumerate(rows)
        if (distance := _distance(one.at, row)) <= NEAR
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, _, place, number in pairs:
        if number not in partner and place not in taken:
            partner[number] = place
            taken.add(place)
    for number, row in enumerate(rows):
        yield _of_row(user, assessment, row, tried[partner[number]] if number in partner else None)
    for place, one in enumerate(tried):
        if place not in taken:
            yield _of_statements(user, assessment, one)


def _distance(at: datetime, row: Row) -> timedelta:
    moments: list[datetime] = [row[name] for name in ("submitted_at", "graded_at") if row[name] is not None]
    return min(abs(at - moment) for moment in moments)


def _of_statements(user: str, assessment: Row, tried: Tried) -> Attempt:
    passed = tried.verdict if tried.verdict is not None else _passed(tried.share, assessment)
    return Attempt(
        user, assessment["assessment_id"], tried.at, tried.at, tried.score, tried.share, passed, "statement",
        id=tried.id,
    )  # fmt: skip


def _of_row(user: str, assessment: Row, row: Row, tried: Tried | None) -> Attempt:
    """The row wins, the statement fills what it lacks."""
    alone = Attempt(
        user, assessment["assessment_id"], row["submitted_at"], row["graded_at"], row["score"],
        None if row["score"] is None else row["score"] / assessment["max_score"], None, "row", row["attempt_number"],
    )  # fmt: skip
    is_graded = row["score"] is not None and row["graded_at"] is not None
    if tried is None:
        return replace(alone, passed=_passed(alone.share, assessment) if is_graded else None)
    both = replace(alone, source="both", graded_at=row["graded_at"] or tried.at)
    if row["score"] is None:
        both = replace(both, score=tried.score, share=tried.share)
        passed = tried.verdict if tried.verdict is not None else _passed(tried.share, assessment)
    else:
        passed = _passed(both.share, assessment)
        passed = tried.verdict if passed is None else passed
    return replace(both, passed=passed)


def _ordered(found: Iterable[Attempt]) -> list[Attempt]:
    def order(attempt: Attempt) -> tuple[datetime, bool, int, str]:
        return attempt.submitted_at, attempt.number is None, attempt.number or 0, attempt.id

    in_order = sorted(found, key=order)
    shares = [attempt.share for attempt in in_order if attempt.share is not None]
    best = next((number for number, one in enumerate(in_order) if shares and one.share == max(shares)), None)
    return [
        replace(one, ordinal=number + 1, is_last=number + 1 == len(in_order), is_best=number == best)
        for number, one in enumerate(in_order)
    ]
