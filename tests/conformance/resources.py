"""The three document resources, each with a context that no other test uses."""

import json
from dataclasses import dataclass
from uuid import uuid4

import httpx

STATE, AGENT_PROFILE, ACTIVITY_PROFILE = "/activities/state", "/agents/profile", "/activities/profile"
PATHS = (STATE, AGENT_PROFILE, ACTIVITY_PROFILE)
NEW = {"If-None-Match": "*"}


@dataclass(frozen=True)
class Resource:
    path: str
    context: dict[str, str]

    @property
    def id_name(self) -> str:
        return "stateId" if self.path == STATE else "profileId"

    def one(self, document_id: str = "bookmark", **changes: str) -> dict[str, str]:
        return {**self.context, self.id_name: document_id, **changes}

    def url(self, document_id: str = "bookmark") -> httpx.URL:
        return httpx.URL(self.path, params=self.one(document_id))


def new_resource(path: str) -> Resource:
    context = {"activityId": new_activity(), "agent": new_agent()}
    if path == AGENT_PROFILE:
        del context["activityId"]
    if path == ACTIVITY_PROFILE:
        del context["agent"]
    return Resource(path, context)


def new_agent(name: str | None = None) -> str:
    named = {} if name is None else {"name": name}
    return json.dumps({"mbox": f"mailto:{uuid4().hex}@school.example", **named})


def new_activity() -> str:
    return f"https://lms.example/lessons/{uuid4().hex}"


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]
