"""Documents that are written again and again: what is read in the end is what was acknowledged last, or sent after."""

import threading
import time
from collections.abc import Callable, Sequence

import httpx

from tests.harness.database import Database
from tests.harness.pipeline import School

AGENT = '{"mbox":"mailto:writer@school.example"}'
ACTIVITY = "https://lms.example/lessons/documents"
STORED = "select document_id, convert_from(content, 'UTF8')::integer from xapi.documents where tenant_id = %s"


class Documents:
    """One at a time. Where it is not known whether a version arrived, a late one may still overwrite the next: then
    another document is begun."""

    def __init__(self, school: School, addresses: Callable[[], Sequence[str]], every: float = 0.05) -> None:
        self._school = school
        self._addresses = addresses
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        # By document, the number of the version.
        self.sent: dict[str, int] = {}
        self.acknowledged: dict[str, int] = {}
        self.unavailable = 0
        self.failures: list[str] = []

    def __enter__(self) -> "Documents":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self) -> None:
        self._stop.set()
        self._thread.join()
        assert self.failures == []

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

    def _run(self) -> None:
        headers = {"X-Experience-API-Version": "1.0.3", "Content-Type": "text/plain"}
        with httpx.Client(auth=self._school.credentials, headers=headers, timeout=30) as client:
            while not self._stop.wait(self._every):
                try:
                    self._write_one(client, f"document-{len(self.sent)}")
                except Exception as error:  # noqa: BLE001 - the test shows it
                    self.failures.append(repr(error))
                    return

    def _write_one(self, client: httpx.Client, name: str) -> None:
        """Until something comes between."""
        number = 0
        while not self._stop.wait(self._every):
            number += 1
            self.sent[name] = number
            if not self._put(client, name, number):
                time.sleep(self._every)
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
