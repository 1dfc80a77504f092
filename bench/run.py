"""`make bench`: the parts of bench/, one after another, into bench/RESULTS.md.

What a part saw lies in bench/results/, so that one that is run alone replaces its own figures only. `quick` takes
some three minutes; `full` some hours, most of them for ten million statements, which `--homes` keeps.
"""

import argparse
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench import charts, demo, load, lrs, marts, neighbour, path

HERE = Path(__file__).parent
RESULTS, KEPT = HERE / "RESULTS.md", HERE / "results"
TITLE = """# Speed

Written by `make bench`: ratios within one run, on one machine, of which each part says when and where. A part by
itself: `make bench PARTS="lrs path"`, with `PROFILE=full` at full size.
"""


class Options(NamedTuple):
    is_full: bool
    homes: Path | None

    @property
    def profile(self) -> str:
        return "full" if self.is_full else "quick"


Part = Callable[[Options], str]

PARTS: Mapping[str, Part] = {
    "lrs": lambda options: lrs.run("large" if options.is_full else "quick", options.homes),
    "load": lambda options: load.run(options.profile),
    "path": lambda options: path.run(options.profile),
    "marts": lambda options: marts.run((1_000_000, 10_000_000) if options.is_full else (20_000,), 3, options.homes),
    "charts": lambda options: charts.run(10_000_000 if options.is_full else 20_000, 5, options.homes),
    "demo": lambda options: demo.run(200_000 if options.is_full else 20_000, 5 if options.is_full else 1),
    "neighbour": lambda options: neighbour.run(options.profile),
}
QUICK = ("lrs", "path")


def compose() -> str:
    """Of what each part saw when it last ran, in the order above."""
    kept = [KEPT / f"{name}.md" for name in PARTS]
    parts = [
        re.sub(r"^#", "##", file.read_text(encoding="utf-8"), flags=re.MULTILINE) for file in kept if file.exists()
    ]
    return "\n".join([TITLE, *parts])


def main() -> None:
    parser = argparse.ArgumentParser(
        description="What Lyceum costs.",
        epilog="Example: python -m bench.run lrs path --profile full --homes /data/bench",
    )
    parser.add_argument(
        "parts", nargs="*", help=f"of {', '.join(PARTS)}; default: {' and '.join(QUICK)}, or all if full"
    )
    parser.add_argument("--profile", choices=("quick", "full"), default="quick")
    parser.add_argument("--homes", type=Path, help="keep filled databases here, for the next time")
    given = parser.parse_args()
    options = Options(given.profile == "full", given.homes)
    KEPT.mkdir(exist_ok=True)
    for name in given.parts or (PARTS if options.is_full else QUICK):
        if name not in PARTS:
            parser.error(f"there is no part {name!r}: there are {', '.join(PARTS)}")
        print(f"{name} …", flush=True)
        text = PARTS[name](options)
        (KEPT / f"{name}.md").write_text(text, encoding="utf-8")
        RESULTS.write_text(compose(), encoding="utf-8")
        print(text, flush=True)


if __name__ == "__main__":
    main()
