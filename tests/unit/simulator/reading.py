"""Reads what a simulation wrote as a pipeline would: from statements, events and the manifest alone.

A second, slow and plain reading of the definitions, sharing nothing with the simulator, so that a truth can be doubted.
"""

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ADL = "http://adlnet.gov/expapi/verbs/"
KINDS = {
    "attempted": "started", "initialized": "started", "launched": "started", "resumed": "started", "start": "started",
    "experienced": "viewed", "viewed": "viewed", "answered": "answered", "evaluated": "answered",
    "completed": "completed", "satisfied": "completed", "passed": "passed", "failed": "failed", "scored": "scored",
    "progressed": "progressed", "played": "played", "paused": "paused", "seeked": "seeked",
    "interacted": "interacted", "navigated": "interacted", "submit": "interacted", "earned": "graded",
    "terminated": "ended", "abandoned": "ended", "suspended": "ended", "waived": "waived",
}  # fmt: skip
VIDEO = "https://w3id.org/xapi/video/extensions/"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


Where = tuple[str, str | None, str | None, bool]


@dataclass
class Said:
    id: str
    at: datetime
    kind: str
    # The user, or None and the actor as text.
    learner: str | None
    actor: str
    is_group: bool
    level: str
    course: str | None
    lesson: str | None
    assessment: str | None
    # The place is the object itself.
    is_object: bool
    tree: dict[str, Any]


@dataclass
class Lms:
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    courses: dict[str, list[tuple[datetime, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))
    published: dict[str, datetime] = field(default_factory=dict)
    enrolments: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    lesson_rows: dict[tuple[str, str], datetime] = field(default_factory=dict)
    submissions: dict[tuple[str, str, int], dict[str, Any]] = field(default_factory=dict)


def parse(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def read_lms(folder: Path, slug: str) -> Lms:
    lms = Lms()
    for event in sorted(lines(folder / "events" / f"{slug}.ndjson"), key=lambda one: str(one["timestamp"])):
        _apply(lms, event)
    return lms


def _apply(lms: Lms, event: dict[str, Any]) -> None:
    at, user, said = parse(event["timestamp"]), event.get("userId", ""), event["payload"]
    key = said.get("courseId", ""), user
    match event["eventType"]:
        case "user.upserted":
            lms.users[user] = said
        case "course.upserted":
            lms.courses[said["courseId"]].append((at, said))
        case "course.published":
            lms.published[said["courseId"]] = at
        case "student.enrolled":
            known = lms.enrolments.get(key, {"status": "active", "completed_at": None})
            lms.enrolments[key] = {
                **known,
                "enrolled_at": at,
                "due_at": said.get("dueAt"),
                "cohort": said.get("cohort"),
            }
        case "student.withdrawn":
            lms.enrolments[key]["status"] = "withdrawn"
        case "enrollment.updated":
            lms.enrolments[key] |= {"status": said["status"], "completed_at": parse(said["completedAt"])}
        case "lesson.completed":
            lms.lesson_rows[said["lessonId"], user] = at
        case "assessment.submitted":
            row = {"submitted_at": at, "graded_at": None, "score": None}
            lms.submissions.setdefault((said["assessmentId"], user, said["attemptNumber"]), row)
        case "assessment.graded":
            lms.submissions[said["assessmentId"], user, said["attemptNumber"]] |= {
                "graded_at": at, "score": said["score"],
            }  # fmt: skip


class Matching:
    def __init__(self, lms: Lms, described: dict[str, Any]) -> None:
        self.lms = lms
        self.home_pages = set(described["home_pages"])
        self.accounts = {user["externalId"]: {name} for name, user in lms.users.items()}
        self.mails: dict[str, set[str]] = defaultdict(set)
        self.sums: dict[str, set[str]] = defaultdict(set)
        for name, user in lms.users.items():
            mail = user["email"]
            self.mails[mail.casefold()].add(name)
            for text in (mail, mail.lower()):
                self.sums[hashlib.sha1(f"mailto:{text}".encode(), usedforsecurity=False).hexdigest()].add(name)
        self.things: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self.named: dict[tuple[str, str, str], tuple[str, str]] = {}
        for course_id, versions in lms.courses.items():
            self._index(course_id, versions[-1][1])
        self.patterns = [
            (one["names"], one["key_is"], re.compile(one["pattern"].replace("(?<key>", "(?P<key>")))
            for one in described["patterns"]
        ]

    def _index(self, course_id: str, course: dict[str, Any]) -> None:
        self._name("course", course_id, course_id, course)
        for lesson in (each for module in course["modules"] for each in module["lessons"]):
            self._name("lesson", lesson["lessonId"], course_id, lesson)
        for assessment in course["assessments"]:
            self._name("assessment", assessment["assessmentId"], course_id, assessment)

    def _name(self, level: str, name: str, course_id: str, row: dict[str, Any]) -> None:
        if row.get("activityIri"):
            self.things[row["activityIri"]].append((level, course_id, name))
        self.named[level, "id", name] = course_id, name
        for key in ("slug", "externalId"):
            if row.get(key):
                self.named[level, {"slug": "slug", "externalId": "external_id"}[key], row[key]] = course_id, name

    def learners(self, actor: dict[str, Any]) -> set[str]:
        if "account" in actor:
            account = actor["account"]
            if account["homePage"] not in self.home_pages:
                return set()
            return self.accounts.get(account["name"]) or {account["name"]} & self.lms.users.keys()
        if "mbox" in actor:
            return self.mails.get(actor["mbox"].removeprefix("mailto:").casefold(), set())
        return self.sums.get(actor["mbox_sha1sum"].lower(), set())

    def places(self, iri: str) -> set[tuple[str, str, str]]:
        found = set(self.things.get(iri, []))
        for level, key_is, expression in self.patterns:
            if match := expression.search(iri):
                known = self.named.get((level, key_is, match["key"]))
                if known:
                    found.add((level, *known))
        return found

    def place(
        self, tree: dict[str, Any], learner: str | None, at: datetime
    ) -> tuple[str, str | None, str | None, bool]:
        """The level, the course, the thing's id, and whether it is the object itself."""
        around = tree.get("context", {}).get("contextActivities", {})
        circles = [[tree["object"]["id"]], *([one["id"] for one in around.get(role, [])] for role in ROLES)]
        for number, iris in enumerate(circles):
            found = {one for iri in iris for one in self.places(iri)}
            for level in ("lesson", "assessment", "course"):
                equal = [one for one in found if one[0] == level]
                if len(equal) > 1:
                    equal = [one for one in equal if self._was_enrolled(one[1], learner, at)]
                    if len(equal) != 1:
                        return "ambiguous", None, None, False
                if equal:
                    return level, equal[0][1], equal[0][2], number == 0
        return "none", None, None, False

    def _was_enrolled(self, course: str, learner: str | None, at: datetime) -> bool:
        enrolment = self.lms.enrolments.get((course, learner or ""))
        return enrolment is not None and enrolment["enrolled_at"] <= at


ROLES = ("parent", "grouping", "other")


def read_statements(folder: Path, slug: str, matching: Matching) -> list[Said]:
    """One for each statement and learner, without the voided, in the order of time and id. Needs `--stored`."""
    trees = {tree["id"]: tree for tree in lines(folder / "statements" / f"{slug}.ndjson")}
    voided = {tree["object"]["id"] for tree in trees.values() if tree["verb"]["id"] == f"{ADL}voided"}
    found: list[Said] = []
    for tree in trees.values():
        if tree["id"] not in voided and tree["verb"]["id"] != f"{ADL}voided":
            found += _said(tree, matching)
    return sorted(found, key=lambda one: (one.at, one.id))


def _said(tree: dict[str, Any], matching: Matching) -> list[Said]:
    at, stored = parse(tree["timestamp"]), parse(tree["stored"])
    if (at - stored).total_seconds() > 300:
        at = stored
    actors = tree["actor"].get("member", [tree["actor"]])
    found = []
    for actor in actors:
        users = matching.learners(actor)
        learner = next(iter(users)) if len(users) == 1 else None
        level, course, thing, is_object = matching.place(tree, learner, at)
        who = learner or json.dumps(actor.get("mbox"))
        lesson, assessment = (thing if level == name else None for name in ("lesson", "assessment"))
        is_group = "member" in tree["actor"]
        found.append(
            Said(
                tree["id"], at, kind_of(tree), learner, who, is_group, level, course, lesson, assessment, is_object,
                tree,
            )
        )  # fmt: skip
    return found


def kind_of(tree: dict[str, Any]) -> str:
    kind = KINDS.get(re.split(r"[/]", tree["verb"]["id"])[-1], "other")
    judge = tree.get("context", {}).get("instructor")
    if kind in {"passed", "failed", "scored"} and judge is not None and judge != tree["actor"]:
        return "graded"
    return kind


def extension(tree: dict[str, Any], part: str, name: str) -> Any:
    return tree.get(part, {}).get("extensions", {}).get(f"{VIDEO}{name}")
