"""A client that does one thing again and again, in a thread of its own. What it does not expect fails the test."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Self

import httpx

from tests.harness.pipeline import School

EVERY = 0.05

Addresses = Callable[[], Sequence[str]]


class Asking(ABC):
    """`addresses` are asked anew for each request: replicas come and go."""

    def __init__(self, school: School, addresses: Addresses, **headers: str) -> None:
        self._school = school
        self._addresses = addresses
        self._headers = {"X-Experience-API-Version": "1.0.3", **headers}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.failures: list[str] = []
        # Answers of 503.
        self.unavailable = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self) -> None:
        self._stop.set()
        self._thread.join()
        assert self.failures == []

    @abstractmethod
    def _ask(self, client: httpx.Client) -> None:
        """Once, or until something comes between."""

    def _run(self) -> None:
        with httpx.Client(auth=self._school.credentials, headers=self._headers, timeout=30) as client:
            while not self._stop.wait(EVERY):
                try:
                    self._ask(client)
                except Exception as error:  # noqa: BLE001 - the test shows it
                    self.failures.append(repr(error))
                    return
