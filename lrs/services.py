"""What handlers work with, made once for a worker and closed with it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.database.address import role_conninfo
from core.secrets import SecretKey
from core.settings import Settings
from lrs.attachments import Attachments
from lrs.consistency import Consistency
from lrs.cors import Origins
from lrs.credentials import Credentials
from lrs.database import ROLE, Database
from lrs.definitions import Definitions
from lrs.handover import Handover
from lrs.limits import RateLimit
from lrs.metrics import Metrics
from lrs.storage import open_storage
from lrs.writer import Writers


@dataclass(frozen=True)
class Services:
    settings: Settings
    key: SecretKey
    database: Database
    credentials: Credentials
    origins: Origins
    handover: Handover
    consistency: Consistency
    definitions: Definitions
    metrics: Metrics
    rate_limit: RateLimit
    attachments: Attachments

    @property
    def path(self) -> str:
        """What comes before /xAPI in links, behind a proxy."""
        return urlsplit(self.settings.public_url).path.rstrip("/")

    async def open(self) -> None:
        await self.database.open()
        self.handover.open()

    async def close(self) -> None:
        await self.handover.close()
        await self.database.close()


def make_services(settings: Settings) -> Services:
    key = SecretKey(settings.secret_key)
    database = Database(settings.database, settings.lrs)
    writers = Writers(role_conninfo(settings.database, ROLE), settings.lrs.writers)
    metrics = Metrics(database)
    handover = Handover(settings, database, writers, metrics)
    database.when_lost.append(handover.break_off)
    return Services(
        settings=settings,
        key=key,
        database=database,
        credentials=Credentials(database, key, settings.lrs),
        origins=Origins(database),
        handover=handover,
        consistency=Consistency(database, is_publishing=handover.publisher is not None),
        definitions=Definitions(database),
        metrics=metrics,
        rate_limit=RateLimit(settings.lrs.rate_limit),
        attachments=Attachments(database, open_storage(settings.lrs.attachments, settings.home)),
    )
