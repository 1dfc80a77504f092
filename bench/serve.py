"""The LRS or ingest in a process of its own, told by arguments: `lrs` or `ingest`, then NAME=VALUE of its settings."""

import sys

from core.logs import configure_logs
from core.settings import load_settings


def main() -> None:
    settings = load_settings(dict(argument.split("=", 1) for argument in sys.argv[2:])).settings
    configure_logs(settings.log)
    if sys.argv[1] == "lrs":
        from lrs.serve import serve as serve_lrs  # noqa: PLC0415 - one of them is wanted

        serve_lrs(settings)
    else:
        from ingest.serve import serve as serve_ingest  # noqa: PLC0415

        serve_ingest(settings)


if __name__ == "__main__":
    main()
