"""A person signed in to Superset, as a browser would be, who asks what a chart shows."""

import json
import re
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from core.errors import UserError

PATIENCE = 60
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
JSON = "application/json"


class DashboardSession:
    def __init__(self, url: str, user_name: str, password: str) -> None:
        self._url = url
        self._user_name = user_name
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._headers = {"Referer": url}
        found = TOKEN.search(self._ask("/login/"))
        form = {"username": user_name, "password": password, "csrf_token": found[1] if found else ""}
        self._ask("/login/", urlencode(form).encode())
        self._headers["X-CSRFToken"] = self._json("/api/v1/security/csrf_token/")["result"]

    def chart(self, dashboard: str, title: str) -> dict[str, Any]:
        """How a chart is made, and where it stands."""
        charts = self._json(f"/api/v1/dashboard/{dashboard}/charts")["result"]
        (form,) = (one["form_data"] for one in charts if one["slice_name"] == title)
        return {**form, "dashboardId": self._json(f"/api/v1/dashboard/{dashboard}")["result"]["id"]}

    def rows(self, form: dict[str, Any], columns: list[str], filters: dict[str, str]) -> list[dict[str, Any]]:
        """What the chart is told, as its dashboard's filters would narrow it."""
        dataset, _, kind = form["datasource"].partition("__")
        query = {
            "columns": columns,
            "metrics": form["metrics"],
            "filters": [{"col": name, "op": "IN", "val": [value]} for name, value in filters.items()],
            "row_limit": form["row_limit"],
        }
        asked = {
            "datasource": {"id": int(dataset), "type": kind}, "form_data": form, "queries": [query],
            "result_format": "json", "result_type": "full",
        }  # fmt: skip
        rows: list[dict[str, Any]] = self._json("/api/v1/chart/data", json.dumps(asked).encode())["result"][0]["data"]
        return rows

    def _json(self, path: str, body: bytes | None = None) -> Any:
        return json.loads(self._ask(path, body, JSON))

    def _ask(self, path: str, body: bytes | None = None, content_type: str = "") -> str:
        headers = self._headers | ({"Content-Type": content_type} if body and content_type else {})
        request = Request(self._url + path, body, headers)  # noqa: S310 - our own address
        try:
            with self._opener.open(request, timeout=PATIENCE) as response:
                return str(response.read().decode())
        except (HTTPError, URLError) as error:
            raise UserError(
                f"Superset refuses {path} to {self._user_name}: {error}.",
                "Is it well (`lyceum logs superset`)? `lyceum demo` gives its people their password again.",
            ) from error
