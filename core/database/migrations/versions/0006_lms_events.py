from pathlib import Path

from core.database.migrations.sql import run_sql_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for part in ("lms_events", "lms_matching", "lms_access"):
        run_sql_beside(str(Path(__file__).with_name(f"0006_{part}.py")))
