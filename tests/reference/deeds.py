"""One statement of one learner, with its place: what all metrics are made from."""

from collections import defaultdict
from dataclasses import dataclass

from tests.reference.learners import Learner, Learners
from tests.reference.places import Place, Places
from tests.reference.school import School
from tests.reference.statements import Statement, statements


@dataclass(frozen=True, slots=True, eq=False)
class Deed:
    statement: Statement
    learner: Learner
    place: Place
    standing: str

    @property
    def counts(self) -> bool:
        """A group's member was there, but never completed, attempted, answered or watched."""
        return not self.statement.of_group


@dataclass(frozen=True)
class History:
    """In the order of (time, id), all of them and by learner."""

    school: School
    statements: list[Statement]
    deeds: list[Deed]
    by_learner: dict[Learner, list[Deed]]
    learners: Learners
    places: Places

    def by_user(self, user: str) -> list[Deed]:
        return self.by_learner.get(Learner(user, user), [])


def history(school: School) -> History:
    learners, places = Learners(school), Places(school)
    said = statements(school, learners)
    deeds = [_deed(school, places, one, learner) for one in said for learner in one.people]
    by_learner: dict[Learner, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_learner[deed.learner].append(deed)
    return History(school, said, deeds, dict(by_learner), learners, places)


def _deed(school: School, places: Places, statement: Statement, learner: Learner) -> Deed:
    place = places.find(statement, learner.user)
    return Deed(statement, learner, place, school.standing(learner.user, place.course))
