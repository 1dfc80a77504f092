"""Which data of attachments a tenant has sent. The bytes lie in object storage by then."""

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from core.envelope import Envelope

# In one order, so that two requests with the same attachments do not wait for each other.
LIST = """
insert into xapi.attachments (tenant_id, sha2, content_type, length)
select * from unnest(%s::int[], %s::text[], %s::text[], %s::bigint[]) order by 1, 2 on conflict do nothing
"""


def list_attachments(connection: Connection, envelopes: Iterable[tuple[Envelope, datetime]]) -> None:
    rows = {
        (envelope.tenant_id, data.sha2): (envelope.tenant_id, data.sha2, data.content_type, data.length)
        for envelope, _ in envelopes
        for data in envelope.attachments
    }
    if rows:
        connection.execute(LIST, [list(column) for column in zip(*rows.values(), strict=True)])
