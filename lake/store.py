"""Where the lake lies: each tenant's files under its slug, which is never another's."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from obstore.store import ObjectStore

from core.errors import UserError
from core.objects import open_objects, sync
from core.settings import Settings

FOLDER = "lake"


class Store:
    """`root` is what DuckDB calls it, with a slash at its end."""

    def __init__(self, store: ObjectStore, folder: Path | None, root: str) -> None:
        self._store = store
        # As it really is: whatever resolves to another place below it was led there by a link.
        self._folder = None if folder is None else folder.resolve()
        self.root = root

    def put(self, path: str, content: bytes | Path) -> None:
        """Whole or not at all, and durable."""
        if self._leads_elsewhere(path.rpartition("/")[0]):
            raise UserError(
                f"In the lake, {path} leads out of its folder.",
                "Remove the link that is on its way: each tenant's files lie in a folder of its own.",
            )
        self._store.put(path, content)
        if self._folder is not None:
            sync(self._folder, path)

    def read(self, path: str) -> bytes | None:
        try:
            return bytes(self._store.get(path).bytes())
        except FileNotFoundError:
            return None

    def paths(self, prefix: str) -> Iterator[str]:
        """Without what a link leads to: that is somebody else's."""
        for page in self._store.list(prefix):
            yield from (found["path"] for found in page if not self._leads_elsewhere(found["path"]))

    def delete(self, paths: Iterable[str]) -> None:
        for path in paths:
            try:
                self._store.delete(path)
            except FileNotFoundError:
                continue

    def _leads_elsewhere(self, path: str) -> bool:
        return self._folder is not None and (self._folder / path).resolve() != self._folder / path


def open_store(settings: Settings) -> Store:
    address = settings.lake.address
    store, folder = open_objects("LYCEUM_LAKE_ADDRESS", address, settings.home / FOLDER)
    root = str(folder) if folder is not None else str(address)
    return Store(store, folder, root.rstrip("/") + "/")
