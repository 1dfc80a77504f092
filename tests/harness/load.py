"""Statements sent over HTTP by several threads: what is not answered is sent again, with the same ids."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import httpx
import msgspec

from tests.harness.pipeline import School
from tests.harness.waiting import wait_until

VERBS = [f"http://adlnet.gov/expapi/verbs/{name}" for name in ("attempted", "answered", "completed")]
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
TIMEOUT = 30
Statement = dict[str, Any]


class Chance(random.Random):
    def uuid(self) -> str:
        return str(UUID(int=self.getrandbits(128), version=4))

    def actor(self) -> Statement:
        number = self.randrange(20)
        return {"mbox": f"mailto:learner-{number}@school.example", "name": f"Name {number} {self.randrange(3)}"}

    def activity(self) -> Statement:
        return {
            "id": f"https://lms.example/lessons/{self.randrange(30)}",
            "definition": {"name": {"en": f"Variant {self.randrange(3)}"}},
        }

    def statement(self, earlier: Sequence[str] = ()) -> Statement:
        """Of the kinds that leave traces beside themselves: groups, context, references, voidings."""
        made = {
            "id": self.uuid(),
            "actor": self.actor(),
            "verb": {"id": self.choice(VERBS)},
            "object": self.activity(),
            "timestamp": "2026-06-01T10:00:00.000Z",
        }
        match self.randrange(10):
            case 0:
                members = [self.actor() for _ in range(2)]
                made["actor"] = {"objectType": "Group", "mbox": "mailto:team@school.example", "member": members}
            case 1 | 2:
                parent = {"id": f"https://lms.example/courses/{self.randrange(5)}"}
                made["context"] = {"contextActivities": {"parent": [parent]}, "instructor": self.actor()}
            case 3 if earlier:
                made["object"] = {"objectType": "StatementRef", "id": self.choice(earlier)}
            case 4 if earlier and self.random() < 0.3:
                made["verb"] = {"id": VOIDED}
                made["object"] = {"objectType": "StatementRef", "id": self.choice(earlier)}
        return made


class Load:
    """`addresses` are asked anew for each request: replicas come and go."""

    def __init__(
        self,
        school: School,
        addresses: Callable[[], Sequence[str]],
        *,
        threads: int = 3,
        batch: int = 20,
        pause: float = 0.0,
        most: int | None = None,
        seed: int = 1,
    ) -> None:
        self._school = school
        self._addresses = addresses
        self._batch = batch
        self._pause = pause
        self._most = most
        self._stop = threading.Event()
        self._give_up_at = float("inf")
        self._threads = [threading.Thread(target=self._run, args=(seed * 1000 + n,)) for n in range(threads)]
        self._encode = msgspec.json.Encoder().encode
        # By id, as it was sent.
        self.bodies: dict[str, bytes] = {}
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.unknown: set[str] = set()
        # What was answered, but for 200: by status, 0 for no answer at all.
        self.answers: dict[int, int] = {}
        self.failures: list[str] = []
        self.seconds: list[float] = []

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self, within: float = 60) -> None:
        """No new statements; what is under way is sent until it is answered, or given up as unknown."""
        self._give_up_at = time.monotonic() + within
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert self.failures == []

    def wait_acknowledged(self, count: int, within: float = 120) -> None:
        def enough() -> bool:
            assert self.failures == []
            return len(self.acknowledged) >= count or self.is_over

        wait_until(enough, within)

    @property
    def is_over(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, seed: int) -> None:
        chance = Chance(seed)
        earlier: list[str] = []
        headers = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}
        with httpx.Client(auth=self._school.credentials, headers=headers, timeout=TIMEOUT) as client:
            while not self._stop.is_set() and not self._is_enough():
                statements = [chance.statement(earlier) for _ in range(chance.randint(1, self._batch))]
                # What is refused, is refused whole.
                is_wrong = chance.random() < 0.02
                if is_wrong:
                    chance.choice(statements)["actor"] = {"mbox": "nobody"}
                ids = [statement["id"] for statement in statements]
                self.bodies.update(zip(ids, map(self._encode, statements), strict=True))
                try:
                    self._deliver(client, chance, ids, self._encode(statements))
                except Exception as error:  # noqa: BLE001 - whoever waits for this load shows it
                    self.failures.append(repr(error))
                    return
                earlier = (earlier + ids[:2])[-50:] if not is_wrong else earlier
                if self._pause:
                    self._stop.wait(self._pause)

    def _is_enough(self) -> bool:
        return self._most is not None and len(self.acknowledged) >= self._most

    def _deliver(self, client: httpx.Client, chance: Chance, ids: Sequence[str], body: bytes) -> None:
        while time.monotonic() < self._give_up_at:
            began = time.monotonic()
            status = self._send(client, chance, body)
            if status == 200:
                self.seconds.append(time.monotonic() - began)
                self.acknowledged.update(ids)
                return
            self.answers[status] = self.answers.get(status, 0) + 1
            if 400 <= status < 500:
                self.refused.update(ids)
                return
            time.sleep(0.05)
        self.unknown.update(ids)

    def _send(self, client: httpx.Client, chance: Chance, body: bytes) -> int:
        addresses = self._addresses()
        if not addresses:
            return 0
        try:
            answer = client.post(f"{chance.choice(addresses)}/xAPI/statements", content=body)
        except httpx.TransportError:
            return 0
        assert answer.status_code != 503 or "Retry-After" in answer.headers
        return answer.status_code


def addresses_of(members: Sequence[Any]) -> Callable[[], Sequence[str]]:
    return lambda: [member.url for member in members]


def percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
