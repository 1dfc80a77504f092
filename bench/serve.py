"""The LRS in a process of its own, as `lyceum lrs serve` starts it, told by arguments: NAME=VALUE of its settings."""

import sys

from core.logs import configure_logs
from core.settings import load_settings
from lrs.serve import serve


def main() -> None:
    settings = load_settings(dict(argument.split("=", 1) for argument in sys.argv[1:])).settings
    configure_logs(settings.log)
    serve(settings)


if __name__ == "__main__":
    main()
