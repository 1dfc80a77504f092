"""The about resource: which versions are spoken here. Open to everybody, whatever the version header says."""

from importlib.metadata import version

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from lrs.call import parse_parameters
from lrs.errors import BadRequestError
from lrs.open_door import OpenDoor
from lrs.services import Services

PATH = "/about"
VERSIONS = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0")
PRODUCT = "urn:lyceum:product"


class About(OpenDoor):
    def __init__(self, services: Services) -> None:
        super().__init__(services, PATH)
        product = {PRODUCT: {"name": "Lyceum", "version": version("lyceum")}}
        self._content = msgspec.json.encode({"version": VERSIONS, "extensions": product})

    async def show(self, scope: Scope, headers: Headers) -> Response:  # noqa: ARG002
        if parse_parameters(scope["query_string"].decode("latin-1")):
            raise BadRequestError("unknown_parameter", "This resource has no parameters.")
        return Response(self._content, media_type="application/json")
