"""Statements and events sent to an LRS: several connections, each with one request under way.

A request that got no answer is sent again with the same ids, so that nothing is lost and nothing is there twice.
"""

import gzip
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Queue
from urllib.parse import urlsplit

import msgspec

from core.errors import UserError
from simulator.delivery.parcels import Content, Parcel

BATCH = 50
TIMEOUT = 30
FASTEST = 1
# Before what follows: as `{"id":"` or `{"eventId":"`, then a UUID.
ID_AFTER: dict[Content, int] = {"statement": 7, "event": 12}
PATHS: dict[Content, str] = {"statement": "/xAPI/statements", "event": "/api/v1/events"}
LATER = {429, 500, 502, 503, 504}


class Credential(msgspec.Struct, frozen=True):
    key: str
    secret: str

    @property
    def header(self) -> str:
        return "Basic " + b64encode(f"{self.key}:{self.secret}".encode()).decode()


class Options(msgspec.Struct, frozen=True, kw_only=True):
    connections: int = 4
    batch: int = BATCH
    # How long to go on trying when the LRS is away or busy.
    patience: float = 300.0
    sends_events: bool = False


class _Request(msgspec.Struct, frozen=True):
    path: str
    authorization: str
    body: bytes


class LrsSink:
    """`url` is the LRS's public address, to which `/xAPI` is added."""

    def __init__(self, url: str, credentials: Mapping[str, Credential], options: Options | None = None) -> None:
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._options = options or Options()
        self._batches: dict[tuple[Content, str], dict[bytes, bytes]] = {}
        self._queue: Queue[_Request | None] = Queue(self._options.connections * 2)
        self._failure: BaseException | None = None
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._options.connections)]
        for thread in self._threads:
            thread.start()

    def put(self, parcel: Parcel) -> None:
        if parcel.content == "event" and not self._options.sends_events:
            return
        key = parcel.content, parcel.tenant
        batch = self._batches.setdefault(key, {})
        start = ID_AFTER[parcel.content]
        parcel_id = parcel.text[start : start + 36]
        # An id may come only once in a request.
        if parcel_id in batch:
            self._send(key)
            batch = self._batches.setdefault(key, {})
        batch[parcel_id] = parcel.text
        if len(batch) >= self._options.batch:
            self._send(key)

    def flush(self) -> None:
        for key in list(self._batches):
            self._send(key)

    def close(self) -> None:
        self.flush()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self._raise_failure()

    def _send(self, key: tuple[Content, str]) -> None:
        content, tenant = key
        batch = self._batches.pop(key, {})
        if not batch:
            return
        self._raise_failure()
        credential = self._credentials.get(tenant)
        if credential is None:
            raise UserError(f"There is no credential for the tenant {tenant!r}.", "Add it to the file of credentials.")
        body = b"[" + b",".join(batch.values()) + b"]"
        self._queue.put(_Request(PATHS[content], credential.header, gzip.compress(body, FASTEST, mtime=0)))

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        """After a failure what is queued is still taken, so that nobody waits for a place for ever."""
        connection = _Connection(self._url, self._options.patience)
        while (request := self._queue.get()) is not None:
            if self._failure is None:
                try:
                    connection.send(request)
                except Exception as error:  # noqa: BLE001 - handed to whoever puts the next parcel
                    self._failure = error
        connection.close()


class _Connection:
    def __init__(self, url: str, patience: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.hostname is None:
            raise UserError(f"{url!r} is no address of an LRS.", "Give http://host:port or https://host.")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._http = kind(parts.hostname, parts.port, timeout=TIMEOUT)
        self._prefix = parts.path
        self._url = url
        self._patience = patience

    def close(self) -> None:
        self._http.close()

    def send(self, request: _Request) -> None:
        deadline, pause = time.monotonic() + self._patience, 0.2
        while True:
            wait = self._try(request)
            if wait is None:
                return
            pause = min(max(wait, pause * 2), 30.0)
            if time.monotonic() + pause > deadline:
                raise UserError(
                    f"The LRS at {self._url} took nothing for {self._patience:.0f} s.",
                    "See `lyceum doctor`, then again.",
                )
            time.sleep(pause)

    def _try(self, request: _Request) -> float | None:
        """None: taken. Otherwise the seconds after which the LRS wants to be asked again."""
        headers = {
            "Authorization": request.authorization,
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "X-Experience-API-Version": "1.0.3",
        }
        try:
            self._http.request("POST", self._prefix + request.path, request.body, headers)
            response = self._http.getresponse()
            answer = response.read()
        except (OSError, HTTPException):
            self._http.close()
            return 0.0
        if response.status < 300:
            return None
        if response.status in LATER:
            return _seconds(response.headers.get("Retry-After"))
        raise UserError(
            f"The LRS at {self._url} refused with {response.status}: {answer[:300].decode('utf-8', 'replace')}",
            "Look at the credential's scopes, and at the message.",
        )


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after is not None and retry_after.isdecimal() else 0.0
