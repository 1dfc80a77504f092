"""The about resource: which versions are spoken here. Open to everybody, whatever the version header says."""

from importlib.metadata import version

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope

from lrs.call import parse_parameters
from lrs.cors import answer_options
from lrs.door import Door, Visit
from lrs.errors import BadRequestError
from lrs.services import Services

PATH = "/about"
METHODS = ("GET", "HEAD")
VERSIONS = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0")
PRODUCT = "urn:lyceum:product"


class About(Door):
    def __init__(self, services: Services) -> None:
        super().__init__(services, PATH, {})
        self.allowed = ", ".join((*METHODS, "OPTIONS"))
        product = {PRODUCT: {"name": "Lyceum", "version": version("lyceum")}}
        self._content = msgspec.json.encode({"version": VERSIONS, "extensions": product})

    async def _answer(self, scope: Scope, receive: Receive, headers: Headers, visit: Visit) -> Response:  # noqa: ARG002
        visit.is_public = True
        if scope["method"] == "OPTIONS":
            return await answer_options(self._services.origins, headers, self.allowed)
        if scope["method"] not in METHODS:
            raise self.not_allowed()
        if parse_parameters(scope["query_string"].decode("latin-1")):
            raise BadRequestError("unknown_parameter", "This resource has no parameters.")
        return Response(self._content, media_type="application/json")
