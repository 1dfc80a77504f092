"""How many statements were looked at, among many that nobody asked for."""

from collections import Counter

from psycopg import Connection

from tests.harness.waiting import wait_until

# One a minute until now, of credentials, actors and verbs that no test knows.
OF_OTHERS = """
insert into xapi.statements
select
    %s, now() - n * interval '1 minute', gen_random_uuid(), now(), gen_random_uuid(), gen_random_uuid(), null, null,
    ('00000000-0000-4000-8000-' || lpad(mod(n * 7919, 5)::text, 12, '0'))::uuid, 1,
    json_build_object('id', n, 'text', repeat('-', 600))
from generate_series(0, %s - 1) as n
"""
# Of the statements, wherever they lie, and how.
ROWS_READ = """
select relname, coalesce(seq_tup_read, 0), coalesce(idx_tup_fetch, 0) from pg_stat_all_tables
where relid in (select inhrelid from pg_inherits where inhparent = 'xapi.statements'::regclass)
"""
NOBODY_ELSE = """
select not exists (
    select from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
)
"""


def rows_read(connection: Connection) -> Counter[tuple[str, str]]:
    """A session that has ended has told all that it counted."""
    wait_until(lambda: connection.execute(NOBODY_ELSE).fetchone() == (True,), 10)
    connection.execute("select pg_stat_force_next_flush()")
    connection.execute("select pg_stat_clear_snapshot()")
    counted = Counter[tuple[str, str]]()
    for name, in_order, by_index in connection.execute(ROWS_READ):
        counted[name, "in order"], counted[name, "by index"] = in_order, by_index
    return counted
