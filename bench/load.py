"""Throughput and latency of POST as more and more connections send at once, and a picture of both.

`python -m bench.load` prints what it saw and draws bench/load.svg.
"""

import argparse
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from bench.machine import heading
from bench.post import Load, Seen, post
from bench.servers import embedded_database, serving

PICTURE = Path(__file__).with_name("load.svg")
CONNECTIONS = (1, 2, 4, 8, 16, 32)
SIZES = (1, 50)
SECONDS = {"quick": (2.0, 2), "full": (8.0, 3)}

Curve = list[tuple[int, Seen]]


def measure(profile: str) -> tuple[dict[int, Curve], str]:
    seconds, rounds = SECONDS[profile]
    with embedded_database() as settings:
        title = heading(settings)
        with serving(settings) as lrs:
            return {
                size: [
                    (count, post(settings, lrs, Load(size, seconds, rounds, connections=count)))
                    for count in CONNECTIONS
                ]
                for size in SIZES
            }, title


def report(curves: dict[int, Curve], title: str, profile: str) -> str:
    lines = [f"# POST under growing load (profile {profile})", "", title, ""]
    lines += ["![Statements a second and latency over connections](load.svg)", ""]
    lines += ["| A request | connections | statements/s | p50 | p95 | p99 | errors |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {size} | {count} | {seen.speed.show()} | {seen.latency.p50:.1f} ms | {seen.latency.p95:.1f} ms | "
        f"{seen.latency.p99:.1f} ms | {seen.errors} |"
        for size, curve in curves.items()
        for count, seen in curve
    ]
    return "\n".join([*lines, ""])


def draw(curves: dict[int, Curve], into: Path) -> None:
    mpl.rcParams["svg.hashsalt"] = "load"
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for size, curve in curves.items():
        counts = [count for count, _ in curve]
        name = f"{size} statement{'s' if size > 1 else ''} a request"
        (line,) = panels[0].plot(counts, [seen.speed.middle for _, seen in curve], marker="o", label=name)
        color = line.get_color()
        panels[1].plot(counts, [seen.latency.p50 for _, seen in curve], marker="o", color=color, label=f"{name}: p50")
        panels[1].plot(counts, [seen.latency.p95 for _, seen in curve], ls="--", color=color, label=f"{name}: p95")
    for panel, said in zip(panels, ("statements a second", "milliseconds"), strict=True):
        panel.set(xlabel="connections", ylabel=said, xscale="log", yscale="log", xticks=CONNECTIONS)
        panel.set_xticklabels([str(count) for count in CONNECTIONS])
        panel.grid(visible=True, alpha=0.3)
        panel.legend(fontsize="small")
    figure.savefig(into, metadata={"Date": None})
    plt.close(figure)


def run(profile: str) -> str:
    curves, title = measure(profile)
    draw(curves, PICTURE)
    return report(curves, title, profile)


def main() -> None:
    parser = argparse.ArgumentParser(description="POST under growing load.")
    parser.add_argument("--profile", choices=SECONDS, default="quick")
    print(run(parser.parse_args().profile))


if __name__ == "__main__":
    main()
