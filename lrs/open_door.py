"""A resource that is open to everybody, and only to be looked at."""

from abc import abstractmethod

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope

from lrs.cors import answer_options
from lrs.door import Door, Visit
from lrs.services import Services

METHODS = ("GET", "HEAD")


class OpenDoor(Door):
    def __init__(self, services: Services, path: str) -> None:
        super().__init__(services, path, {})
        self.allowed = ", ".join((*METHODS, "OPTIONS"))

    @abstractmethod
    async def show(self, scope: Scope, headers: Headers) -> Response: ...

    async def _answer(self, scope: Scope, receive: Receive, headers: Headers, visit: Visit) -> Response:  # noqa: ARG002
        visit.is_public = True
        if scope["method"] == "OPTIONS":
            return await answer_options(self._services.origins, headers, self.allowed)
        if scope["method"] not in METHODS:
            raise self.not_allowed()
        return await self.show(scope, headers)
