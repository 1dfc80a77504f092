"""What PostgreSQL does for each question of bench.get: `explain (analyze, buffers)` of the LRS's own queries."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, connect

from bench.fill import Filled
from bench.servers import Access
from bench.statements import account, activity_id, course_id, registration_id, verb_id
from core.database.address import role_conninfo
from core.settings import Settings
from core.xapi.keys import activity_id_key, agent_key, verb_id_key
from core.xapi.parameters import agent_parameter
from lrs.queries import by_id, matching, parameters, referring_down, referring_up
from lrs.selection import Selection, Sight

# As often as it takes until the plan is the prepared one, and everything is in memory.
WARM_UP = 6


def write_plans(settings: Settings, access: Access, filled: Filled, file: Path) -> None:
    conninfo = role_conninfo(settings.database, "lyceum_lrs")
    with connect(conninfo, options="-c plan_cache_mode=force_generic_plan", prepare_threshold=0) as connection:
        connection.execute("select set_config('lyceum.tenant', %s, false)", [str(access.tenant_id)])
        parts = [_plan(connection, *question) for question in _questions(access.tenant_id, filled, connection)]
    file.write_text("\n".join(parts), encoding="utf-8")


def _plan(connection: Connection, kind: str, query: str, given: dict[str, Any]) -> str:
    for _ in range(WARM_UP):
        lines = connection.execute(f"explain (analyze, buffers) {query}", given).fetchall()
    return f"==== {kind}\n" + "\n".join(line for (line,) in lines) + "\n"


def _questions(tenant_id: int, filled: Filled, connection: Connection) -> list[tuple[str, str, dict[str, Any]]]:
    agent = agent_parameter(json.dumps({"account": account(filled.learners // 2)}))
    half = filled.at(filled.count // 2)
    selections = {
        "newest": Selection(50, Sight()),
        "by agent": Selection(50, Sight(), agent=agent_key(tenant_id, agent).hex()),
        "by verb and since": Selection(50, Sight(), verb=verb_id_key(tenant_id, verb_id(1)).hex(), since=half),
        "by activity": Selection(50, Sight(), activity=activity_id_key(tenant_id, activity_id(7)).hex()),
        "by registration": Selection(50, Sight(), registration=registration_id(filled.learners // 2, 7)),
        "related activity": Selection(
            50, Sight(), activity=activity_id_key(tenant_id, course_id(7)).hex(), related_activities=True
        ),
    }
    now = datetime.now(UTC)
    asked = []
    for kind, one in selections.items():
        given = parameters(one, now, []) | {"bound": filled.at(int(filled.count * 0.99))}
        asked += [(kind, query, given) for query in matching(one)]
        if one.has_filter:
            asked.append((f"{kind}: references, down", referring_down(one, bounded=True), given))
        if one.has_filter and not one.verb:
            asked.append((f"{kind}: references, up", referring_up(one, bounded=False), given))
    row = connection.execute("select statement_id::text from xapi.statement_ids limit 1").fetchone()
    assert row is not None
    one = Selection(1, Sight())
    return [*asked, ("one id", by_id(one, voided=False), parameters(one, now, []) | {"statement_id": row[0]})]
