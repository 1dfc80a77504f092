"""Who it was: an identifier becomes a user, or stays an unmatched one."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from tests.reference.agents import Identity, identity, key_of
from tests.reference.read import Row
from tests.reference.school import School


class Learner(NamedTuple):
    """`actor` tells apart those of whom no user is known; of a user it is the id."""

    user: str | None
    actor: str


class Learners:
    def __init__(self, school: School) -> None:
        self._tenant_id = school.tenant_id
        self._users = school.users
        self._aliases = _aliases(school.rows("learner_aliases"))
        self._home_pages = {row["home_page"] for row in school.rows("home_pages")}
        self._by_external_id: dict[str, set[str]] = defaultdict(set)
        self._by_mail: dict[str, set[str]] = defaultdict(set)
        self._by_sum: dict[str, set[str]] = defaultdict(set)
        self._known: dict[Identity, Learner] = {}
        self.ambiguous: set[str] = set()
        for row in school.users.values():
            self._index(row)

    def _index(self, user: Row) -> None:
        if user["external_id"] is not None:
            self._by_external_id[user["external_id"]].add(user["user_id"])
        if user["email"] is not None:
            self._by_mail[user["email"].lower()].add(user["user_id"])
            for form in (user["email"], user["email"].lower()):
                self._by_sum[hashlib.sha1(f"mailto:{form}".encode()).hexdigest()].add(user["user_id"])  # noqa: S324

    def find(self, who: Identity) -> Learner:
        if who not in self._known:
            self._known[who] = self._match(who)
        return self._known[who]

    def _match(self, who: Identity) -> Learner:
        """By the first rule that knows anybody; if that knows two, nobody can say."""
        users = next((found for found in self._candidates(who) if found), set())
        if len(users) == 1:
            (user,) = users
            return Learner(user, user)
        key = key_of(self._tenant_id, who)
        if users:
            self.ambiguous.add(key)
        return Learner(None, key)

    def _candidates(self, who: Identity) -> Iterator[set[str]]:
        yield self._aliases.get(who, set())
        match who:
            case ("account", home_page, name) if home_page in self._home_pages:
                yield self._by_external_id.get(name, set())
                yield {name} & self._users.keys()
            case ("mbox", iri):
                yield self._by_mail.get(iri.removeprefix("mailto:").lower(), set())
            case ("mbox_sha1sum", digest):
                yield self._by_sum.get(digest.lower(), set())
            case _:
                pass


def _aliases(rows: list[Row]) -> dict[Identity, set[str]]:
    """One without a user was taken back."""
    found = ((identity(msgspec.json.decode(row["agent"])), row["user_id"]) for row in rows)
    return {who: {user} for who, user in found if who is not None and user is not None}
