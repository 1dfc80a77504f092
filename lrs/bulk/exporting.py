"""Statements on their way out: the pages that GET would answer, one after the other."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

import msgspec
from starlette.datastructures import Headers

from core.settings import Settings
from core.tenants import Tenant
from core.xapi.versions import Version
from lrs.call import Call
from lrs.credentials import Credential
from lrs.reading import find_one, find_page, in_form, single_parameter
from lrs.selection import FILTERS, FORM, SINGLE, parse_form, parse_selection
from lrs.services import make_services


class Export(NamedTuple):
    """`through`: all that was stored by then is in what is found from now on."""

    call: Call
    through: datetime

    async def pages(self, limit: int | None) -> AsyncGenerator[list[bytes]]:
        """Of texts, at most so many in all."""
        name = single_parameter(self.call)
        if name is None:
            async for page in self._pages(limit):
                yield page
        else:
            selection = parse_form(self.call)
            row = await find_one(self.call, selection, name, self.through)
            yield await in_form(self.call, selection, [row.body])

    async def _pages(self, limit: int | None) -> AsyncGenerator[list[bytes]]:
        selection = parse_selection(self.call)
        most, left = selection.limit, limit
        while left is None or left > 0:
            selection = msgspec.structs.replace(selection, limit=most if left is None else min(most, left))
            rows = await find_page(self.call, selection, self.through)
            page = rows[: selection.limit]
            if page:
                yield await in_form(self.call, selection, [row.body for row in page])
            if len(rows) <= selection.limit:
                return
            left = None if left is None else left - len(page)
            selection = selection.after(page[-1].stored, page[-1].statement_id)


@asynccontextmanager
async def open_export(settings: Settings, tenant: Tenant, parameters: Mapping[str, str]) -> AsyncIterator[Export]:
    """`parameters` are those of GET, but for `limit`."""
    services = make_services(settings)
    call = Call(
        "GET", "/statements", parameters, Headers(), b"", Version.V1, _operator(tenant), services
    )  # fmt: skip
    call.refuse_unknown_parameters(FILTERS | FORM | SINGLE)
    await services.database.open()
    try:
        yield Export(call, await services.consistency.through(tenant.tenant_id))
    finally:
        await services.database.close()


def _operator(tenant: Tenant) -> Credential:
    """Who may see all that the tenant has."""
    return Credential(
        tenant_id=tenant.tenant_id,
        tenant_uuid=tenant.tenant_uuid,
        slug=tenant.slug,
        credential_id="",
        scopes=frozenset(("all",)),
        authority=b"",
        bound_actor_key=None,
        bound_registration=None,
        expires_at=None,
        allowed_origins=frozenset(),
    )
