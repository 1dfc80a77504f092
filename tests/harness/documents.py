"""Documents that are written again and again: what is read in the end is what was acknowledged last, or sent after."""

import httpx

from tests.harness.asking import EVERY, Addresses, Asking
from tests.harness.database import Database
from tests.harness.pipeline import School

AGENT = '{"mbox":"mailto:writer@school.example"}'
ACTIVITY = "https://lms.example/lessons/documents"
STORED = "select document_id, convert_from(content, 'UTF8')::integer from xapi.documents where tenant_id = %s"


class Documents(Asking):
    """One at a time. Where it is not known whether a version arrived, a late one may still overwrite the next: then
    another document is begun."""

    def __init__(self, school: School, addresses: Addresses) -> None:
        super().__init__(school, addresses, **{"Content-Type": "text/plain"})
        # By document, the number of the version.
        self.sent: dict[str, int] = {}
        self.acknowledged: dict[str, int] = {}

    @property
    def written(self) -> int:
        return sum(self.acknowledged.values())

    def check(self, database: Database) -> int:
        """How many versions were acknowledged."""
        with database.admin() as connection:
            stored: dict[str, int] = dict(connection.execute(STORED, [self._school.tenant.tenant_id]).fetchall())
        assert stored.keys() <= self.sent.keys()
        for name, last in self.sent.items():
            assert self.acknowledged.get(name, 0) <= stored.get(name, 0) <= last, f"{name} is at {stored.get(name)}"
        return self.written

    def _ask(self, client: httpx.Client) -> None:
        name, number = f"document-{len(self.sent)}", 0
        while not self._stop.wait(EVERY):
            number += 1
            self.sent[name] = number
            if not self._put(client, name, number):
                return
            self.acknowledged[name] = number

    def _put(self, client: httpx.Client, name: str, number: int) -> bool:
        place = {"activityId": ACTIVITY, "agent": AGENT, "stateId": name}
        try:
            address = self._addresses()[number % len(self._addresses())]
            answer = client.put(f"{address}/xAPI/activities/state", params=place, content=str(number))
        except httpx.TransportError:
            return False
        if answer.status_code == 503 and "Retry-After" in answer.headers:
            self.unavailable += 1
            return False
        assert answer.status_code == 204, answer.text
        return True
