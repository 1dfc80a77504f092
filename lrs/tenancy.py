"""Where a request says itself whose it is: that must be the credential's tenant."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from core.tenants import SLUG
from lrs.credentials import Credential
from lrs.errors import ForbiddenError

TENANT_HEADER = "x-tenant-id"


class TenantCheck:
    def __init__(self, public_url: str) -> None:
        self._suffix = f".{urlsplit(public_url).hostname}"

    def refuse_mismatch(self, headers: Headers, credential: Credential) -> None:
        named = headers.get(TENANT_HEADER)
        if named is not None and named.strip().lower() not in (credential.slug, str(credential.tenant_uuid)):
            raise ForbiddenError("tenant_mismatch", "X-Tenant-ID names another tenant than the credential's.")
        slug = self._subdomain(headers.get("host", ""))
        if slug is not None and slug != credential.slug:
            raise ForbiddenError("tenant_mismatch", "The address names another tenant than the credential's.")

    def _subdomain(self, host: str) -> str | None:
        """slug.public.host; what is deeper, or no slug, names no tenant."""
        name = host.rpartition(":")[0] if ":" in host else host
        name = name.lower().rstrip(".")
        if not name.endswith(self._suffix):
            return None
        label = name.removesuffix(self._suffix)
        return label if SLUG.fullmatch(label) else None
