"""What the LRS knows about activities: their definitions, merged from all that statements said."""

from collections.abc import Iterable
from functools import reduce
from uuid import UUID

import msgspec
from starlette.datastructures import Headers

from core.xapi.accept_language import parse_accept_language
from core.xapi.definitions import Stamped, definition_text, merge, stamp_definition
from core.xapi.formats import Canon, canonical
from core.xapi.keys import activity_id_key
from lrs.database import Database

QUERY = """
select activity_key::text, definition, stored, statement_id::text
from xapi.activity_definitions
where activity_key = any(%s::uuid[])
"""


class Definitions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def merged(self, tenant_id: int, iris: Iterable[str]) -> dict[str, bytes]:
        """By IRI; activities of which nothing was ever said are left out."""
        keys = {str(UUID(bytes=activity_id_key(tenant_id, iri))): iri for iri in iris}
        if not keys:
            return {}
        said: dict[str, list[Stamped]] = {}
        for key, definition, stored, statement_id in await self._database.fetch(tenant_id, QUERY, [list(keys)]):
            said.setdefault(keys[key], []).append(stamp_definition(definition, stored, statement_id))
        return {iri: definition_text(reduce(merge, parts)) for iri, parts in said.items()}

    async def canonical(self, tenant_id: int, bodies: list[bytes], headers: Headers) -> list[bytes]:
        iris = {iri for body in bodies for iri in activity_ids(msgspec.json.decode(body))}
        definitions = await self.merged(tenant_id, iris)
        wanted = parse_accept_language(headers.get("accept-language", "*"))
        return [canonical(body, Canon(definitions, {}, wanted)) for body in bodies]


def activity_ids(statement: dict[str, object]) -> Iterable[str]:
    """Of a stored statement, which is known to be one."""
    found = statement["object"]
    if isinstance(found, dict):
        kind = found.get("objectType", "Activity")
        if kind == "SubStatement":
            yield from activity_ids(found)
        elif kind == "Activity":
            yield found["id"]
    context = statement.get("context")
    roles = context.get("contextActivities", {}) if isinstance(context, dict) else {}
    for activities in roles.values():
        yield from (activity["id"] for activity in (activities if isinstance(activities, list) else [activities]))
