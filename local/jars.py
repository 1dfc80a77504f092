"""Apache Kafka's jars, pinned in kafka.lock by name and SHA-256.

`python -m local.jars` resolves both anew and rewrites the lock; read the difference before committing it.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from core.errors import UserError
from local.cache import cached

VERSION = "4.3.1"
BROKER = f"org.apache.kafka:kafka_2.13:{VERSION}"
# Without it the broker logs nothing. Of what it needs only the jar itself is taken: resolved together with the
# broker, its parent's versions would win over the broker's.
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
LOCK = Path(__file__).with_name("kafka.lock")


def kafka_jars(cache: Path, note: Callable[[str], None]) -> Path:
    """The folder of the jars, downloaded and verified first where needed."""
    lock = LOCK.read_bytes()
    return cached(cache, f"kafka-{VERSION}-{_digest(lock)[:12]}", lambda folder: _build(folder, note))


def verify(folder: Path, locked: dict[str, str]) -> None:
    found = sums(folder)
    wrong = sorted(name for name in found.keys() | locked.keys() if found.get(name) != locked.get(name))
    if wrong:
        raise UserError(
            f"What was downloaded of Apache Kafka {VERSION} is not what {LOCK.name} names: {', '.join(wrong)}.",
            "Try again; if it stays so, the source of the download is not to be trusted.",
        )


def read_lock(text: str) -> dict[str, str]:
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}


def format_lock(found: dict[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(found.items()))


def sums(folder: Path) -> dict[str, str]:
    return {jar.name: _digest(jar.read_bytes()) for jar in folder.glob("*.jar")}


def download(folder: Path) -> None:
    import jgo  # noqa: PLC0415 - takes 0.3 s, and is needed once

    logging.getLogger("jgo").setLevel(logging.ERROR)
    resolution = folder / "resolution"
    try:
        jars = jgo.build(BROKER, cache_dir=resolution).all_jars
        jars += [jar for jar in jgo.build(LOGGING, cache_dir=resolution).all_jars if "slf4j-impl" in jar.name]
    except Exception as error:  # whatever its resolver and its HTTP client raise
        reason = "no connection to the Maven repository" if isinstance(error, OSError) else str(error)
        raise UserError(
            f"Apache Kafka {VERSION} could not be downloaded: {reason}.",
            "Check the network, or set LYCEUM_KAFKA_BOOTSTRAP to a running broker.",
        ) from error
    for jar in jars:
        shutil.copy(jar, folder / jar.name)
    shutil.rmtree(resolution)


def _build(folder: Path, note: Callable[[str], None]) -> None:
    note(f"downloading Apache Kafka {VERSION}, once")
    download(folder)
    verify(folder, read_lock(LOCK.read_text(encoding="ascii")))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _relock() -> None:
    with TemporaryDirectory() as folder:
        download(Path(folder))
        LOCK.write_text(format_lock(sums(Path(folder))), encoding="ascii")


if __name__ == "__main__":
    _relock()
