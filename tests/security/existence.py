"""Questions about what another tenant has, each with its twin about what nobody has; and whether one can be told from
the other by how long the answer takes."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

import httpx

from lrs.representation import make_etag
from tests.harness.attachments import describe
from tests.harness.neighbours import ADA, AUTHORITY, COURSE, DOCUMENTS, GRACE, LESSON, REGISTRATION, VERB, shared_id
from tests.harness.statements import make_statement

# A difference that is smaller says nothing over any network.
LEAST_SECONDS = 0.0003
# Of as many standard errors of the median it is, that nobody takes for chance.
SURE = 5.0
# Of the normal distribution: from the median deviation to the standard one, and from the mean's error to the median's.
TO_STANDARD, TO_MEDIAN = 1.4826, 1.2533
FORMS: list[dict[str, str]] = [{}, {"attachments": "true"}, {"format": "canonical"}]
FILTERS = {"agent": json.dumps(GRACE), "activity": COURSE, "verb": VERB, "registration": REGISTRATION}
# Of each answer its own, or the clock's.
PASSING = {"date", "x-experience-api-consistent-through"}


@dataclass(frozen=True)
class Question:
    """`theirs` and `nobodys` are what it asks for, in turn: of the same length, and each in the text once or more."""

    name: str
    method: str
    path: str
    theirs: str
    nobodys: str
    parameters: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None

    def ask(self, client: httpx.Client, named: str) -> httpx.Response:
        parameters = {name: value.replace(self.theirs, named) for name, value in self.parameters.items()}
        headers = {name: value.replace(self.theirs, named) for name, value in self.headers.items()}
        text = None if self.body is None else json.dumps(self.body).replace(self.theirs, named)
        kind = {} if text is None else {"Content-Type": "application/json"}
        return client.request(
            self.method, self.path, params=parameters, content=text, headers={"X-Request-ID": "same", **kind, **headers}
        )

    def told(self, client: httpx.Client, named: str) -> tuple[int, list[tuple[str, str]], str]:
        """All that an answer says, but for what was asked: an ETag that is made of the text says no more than that."""
        answer = self.ask(client, named)
        own = {"etag": f'"{make_etag(answer.content)}"'}
        headers = [(name, value) for name, value in answer.headers.multi_items() if name not in PASSING]
        headers = [(name, value) for name, value in headers if own.get(name) != value]
        return answer.status_code, headers, answer.text.replace(named, "…")


def questions(theirs: bytes, etag: str) -> list[Question]:
    """`theirs`: the data of an attachment that the other tenant has; `etag`: of one of its documents."""
    found = [
        Question(
            f"{name} {more}", "GET", "/statements", shared_id(of), shared_id("nobodys"), {name: shared_id(of), **more}
        )
        for name, of in (("statementId", "whole"), ("voidedStatementId", "voided"))
        for more in FORMS
    ]
    found += [_about(name, value) for name, value in FILTERS.items()]
    found += [_about("agent", json.dumps(agent), related_agents="true") for agent in (ADA, AUTHORITY)]
    for path, place, name in DOCUMENTS:
        one = {**place, name: "same"}
        found.append(Question(f"document of {place.keys()}", "GET", path, "same", "none", one))
        found.append(Question(f"documents of {place.keys()}", "GET", path, "shared.example", "nobody.example", place))
        found.append(Question(f"deletion of {place.keys()}", "DELETE", path, "same", "none", one))
        changed = {"If-Match": f'"{etag}"'}
        found.append(Question(f"change of {place.keys()}", "PUT", path, "same", "none", one, changed, {"a": 1}))
    agent, activity = {"agent": json.dumps(ADA)}, {"activityId": LESSON}
    found.append(Question("agent", "GET", "/agents", "shared.example", "nobody.example", agent))
    found.append(Question("activity", "GET", "/activities", "shared.example", "nobody.example", activity))
    return [*found, _statement_with(theirs)]


def _about(name: str, value: str, **others: str) -> Question:
    theirs, nobodys = (REGISTRATION, shared_id("nobodys")) if value == REGISTRATION else ("shared.", "nobody.")
    return Question(f"{name} {others}", "GET", "/statements", theirs, nobodys, {name: value, **others})


def _statement_with(data: bytes) -> Question:
    """Refused without the data, whoever has it already."""
    described, unknown = describe(data), describe(data[::-1])
    statement = make_statement(attachments=[described])
    return Question("attachment", "POST", "/statements", described["sha2"], unknown["sha2"], body=statement)


class Difference(NamedTuple):
    seconds: float
    # By chance it may be as much.
    doubt: float

    @property
    def is_told(self) -> bool:
        return abs(self.seconds) > max(LEAST_SECONDS, self.doubt)


def difference(pairs: Sequence[tuple[float, float]]) -> Difference:
    """By medians, which a few answers that took long for another reason do not move."""
    found = [one - other for one, other in pairs]
    middle = median(found)
    spread = median(abs(each - middle) for each in found) * TO_STANDARD
    return Difference(middle, SURE * TO_MEDIAN * spread / math.sqrt(len(found)))
