"""Serves Superset: `python -m dashboards.server.web`."""

import os
import sys

from gunicorn.app.wsgiapp import run

from dashboards.service import VARIABLE, decode_service

THREADS = 8


def main() -> None:
    told = decode_service(os.environ[VARIABLE])
    sys.argv = [
        "gunicorn", "--bind", f"{told.host}:{told.port}", "--workers", str(told.workers), "--worker-class", "gthread",
        "--threads", str(THREADS), "--timeout", "120", "--graceful-timeout", "10", "--log-level", "warning",
        "superset.app:create_app()",
    ]  # fmt: skip
    run()


if __name__ == "__main__":
    main()
