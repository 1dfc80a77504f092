"""Downloaded server packages, shared between checkouts."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UserError
from core.settings import Settings


def cache_folder(settings: Settings) -> Path:
    return (settings.cache or Path.home() / ".cache" / "lyceum").absolute()


def cached(cache: Path, name: str, build: Callable[[Path], None]) -> Path:
    """Built once, by one at a time; a half-built folder never bears the name."""
    target = cache / name
    if target.is_dir():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The cache folder {cache} cannot be made: {error.strerror}.",
            "Set LYCEUM_CACHE to a folder you may write to.",
        ) from error
    with _locked(cache / f"{name}.lock"):
        if not target.is_dir():
            building = cache / f"{name}.building"
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir()
            build(building)
            building.rename(target)
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
