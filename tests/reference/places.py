"""Where it was: from the activities that a statement names to a lesson, an assessment or a course."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tests.reference.read import Row
from tests.reference.school import School
from tests.reference.statements import Statement

# Which goes first within a level.
RANKS = ("lesson", "assessment", "course")


class Place(NamedTuple):
    level: str
    course: str | None = None
    lesson: str | None = None
    assessment: str | None = None
    # The statement's object itself is it.
    is_object: bool = False


NONE = Place("none")
AMBIGUOUS = Place("ambiguous")


class Target(NamedTuple):
    names: str
    course: str
    id: str


class Places:
    def __init__(self, school: School) -> None:
        self._first_enrolled = school.first_enrolled
        self._tables = {
            "lesson": school.rows("lessons"),
            "assessment": school.rows("assessments"),
            "course": school.rows("courses"),
        }
        self._by_iri: dict[str, set[Target]] = defaultdict(set)
        self._by_key: dict[tuple[str, str, str], set[Target]] = defaultdict(set)
        for names, rows in self._tables.items():
            for row in rows:
                self._index(names, row)
        self._aliases = dict(_aliases(school))
        patterns = school.rows("patterns")
        self._patterns = [
            (re.compile(row["pattern"].replace("(?<key>", "(?P<key>")), row["names"], row["key_is"]) for row in patterns
        ]
        self._known: dict[str, set[Target]] = {}

    def _index(self, names: str, row: Row) -> None:
        target = Target(names, row["course_id"], row[f"{names}_id"])
        if row["activity_iri"] is not None:
            self._by_iri[row["activity_iri"]].add(target)
        for key_is, column in (("id", f"{names}_id"), ("external_id", "external_id"), ("slug", "slug")):
            if row.get(column) is not None:
                self._by_key[names, key_is, row[column]].add(target)

    def targets(self, iri: str) -> set[Target]:
        """What is said by hand goes before what is recognised."""
        if iri not in self._known:
            alias = self._aliases.get(iri)
            self._known[iri] = {alias} if alias else {*self._by_iri.get(iri, ()), *self._by_pattern(iri)}
        return self._known[iri]

    def _by_pattern(self, iri: str) -> Iterator[Target]:
        for pattern, names, key_is in self._patterns:
            if found := pattern.search(iri):
                yield from self._by_key.get((names, key_is, found["key"]), ())

    def find(self, statement: Statement, user: str | None) -> Place:
        for number, level in enumerate(statement.levels):
            found = {target for iri in level for target in self.targets(iri)}
            if found:
                return self._choose(found, user, statement.at, is_object=number == 0)
        return NONE

    def _choose(self, found: set[Target], user: str | None, at: datetime, *, is_object: bool) -> Place:
        best = min(RANKS.index(target.names) for target in found)
        equal = [target for target in found if target.names == RANKS[best]]
        if len(equal) > 1:
            equal = [target for target in equal if self._was_enrolled(target.course, user, at)]
        if len(equal) != 1:
            return AMBIGUOUS
        (target,) = equal
        lesson, assessment = (target.id if target.names == names else None for names in ("lesson", "assessment"))
        return Place(target.names, target.course, lesson, assessment, is_object)

    def _was_enrolled(self, course: str, user: str | None, at: datetime) -> bool:
        if user is None:
            return False
        since = self._first_enrolled.get((course, user))
        return since is not None and since <= at


def _aliases(school: School) -> Iterator[tuple[str, Target]]:
    for row in school.rows("activity_aliases"):
        if row["lesson_id"] is not None:
            yield row["iri"], Target("lesson", school.lessons[row["lesson_id"]]["course_id"], row["lesson_id"])
        elif row["assessment_id"] is not None:
            course = school.assessments[row["assessment_id"]]["course_id"]
            yield row["iri"], Target("assessment", course, row["assessment_id"])
        elif row["course_id"] is not None:
            yield row["iri"], Target("course", row["course_id"], row["course_id"])
