"""A client that asks again and again for what was stored since the last it saw."""

import time
from typing import Any

import httpx

from tests.harness.asking import Addresses, Asking
from tests.harness.database import Database
from tests.harness.pipeline import School
from tests.harness.waiting import wait_until

UNVOIDED = """
select ids.statement_id::text from xapi.statement_ids as ids
where ids.tenant_id = %s and not exists (
    select from xapi.statement_references as voiding
    where voiding.tenant_id = ids.tenant_id and voiding.target_id = ids.statement_id and voiding.is_voiding
)
"""
CONSISTENT = "X-Experience-API-Consistent-Through"


class Poller(Asking):
    def __init__(self, school: School, addresses: Addresses) -> None:
        super().__init__(school, addresses)
        self._since: str | None = None
        self._asked = 0
        self.seen: list[str] = []
        self.answered = 0
        # The longest that a read took, answered or not.
        self.slowest = 0.0
        self.through = ""

    def wait_seen(self, database: Database, within: float = 30) -> int:
        """Until it has seen all that is stored, each once, but for what was voided before it came by."""
        with database.admin() as connection:
            rows = connection.execute(UNVOIDED, [self._school.tenant.tenant_id]).fetchall()
        wanted = {row[0] for row in rows}

        def has_seen_all() -> bool:
            assert self.failures == []
            return wanted <= set(self.seen)

        try:
            wait_until(has_seen_all, within)
        except AssertionError:
            missed = wanted - set(self.seen)
            raise AssertionError(f"the poller, at {self._since}, missed {len(missed)}: {sorted(missed)[:5]}") from None
        assert len(self.seen) == len(set(self.seen))
        return len(self.seen)

    def _ask(self, client: httpx.Client) -> None:
        """One look, over all its pages. One that is broken off is begun anew from the last that was seen whole."""
        parameters = {"ascending": "true", "limit": "200"} | ({"since": self._since} if self._since else {})
        found: list[dict[str, Any]] = []
        answer = self._get(client, "/xAPI/statements", parameters)
        while answer is not None:
            page = answer.json()
            found += page["statements"]
            if not page["more"]:
                break
            answer = self._get(client, page["more"], None)
        if answer is None:
            return
        through = answer.headers[CONSISTENT]
        if through < self.through:
            self.failures.append(f"consistent through {through} after {self.through}")
        self.through = through
        self.seen += [statement["id"] for statement in found]
        if found:
            self._since = found[-1]["stored"]

    def _get(self, client: httpx.Client, path: str, parameters: dict[str, str] | None) -> httpx.Response | None:
        addresses = self._addresses()
        if not addresses:
            return None
        self._asked += 1
        began = time.monotonic()
        try:
            answer = client.get(f"{addresses[self._asked % len(addresses)]}{path}", params=parameters)
        except httpx.TransportError:
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.status_code == 503:
            self.unavailable += 1
            return None
        assert answer.status_code == 200, answer.text
        self.answered += 1
        return answer
