"""Measure: `nox -s bench`. The figures are for reading; only what could not be measured fails."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from bench import growth, harness, results, scale, serving, tool
from bench.load import LoadError
from bench.machine import describe
from bench.results import Results
from bench.stand import ROOT, stand
from steps.target.process import TargetError, follow_parent

OUTPUT = ROOT / "build" / "bench"
PARTS = ("serving", "growth", "scale", "harness", "tool")


def main(arguments: list[str]) -> int:
    """Measure what is asked for, write it down; 2, after one sentence, when it cannot be done."""
    follow_parent()
    os.chdir(ROOT)
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--short", action="store_true", help="serving alone, in about a minute")
    parser.add_argument("--full", action="store_true", help="also 10,000,000 tasks")
    parser.add_argument("--peers", action="store_true", help="also other tools, from PyPI")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--remember", action="store_true", help="add a line to the history")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder (build/bench)")
    options = parser.parse_args(arguments)
    parts = [options.only] if options.only else ["serving"] if options.short else list(PARTS)
    try:
        found = measure(parts, options)
    except (LoadError, TargetError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"The benchmark could not be done: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted: nothing was written.", file=sys.stderr)
        return 2
    files = results.write(found, options.output)
    print("\n".join(results.markdown(found)))
    for sentence in results.compare(found):
        print(f"Worse than the last time: {sentence}")
    if options.remember:
        results.remember(found)
    print(f"\nWritten: {', '.join(str(file) for file in files)}")
    return 0


def measure(parts: list[str], options: argparse.Namespace) -> Results:
    """Measure the parts one after the other: they would slow one another down."""
    found = Results({})
    with stand() as place:
        found.machine = describe(place.database.version)
        if "serving" in parts:
            print("Serving …", file=sys.stderr)
            slices = 4 if options.short else 12
            found.serving = serving.measure(place, slices=slices, seconds=0.5)
        if "growth" in parts:
            print("Growth …", file=sys.stderr)
            found.listings = growth.lists(place)
            found.stages = growth.measure(place, largest=options.full, rounds=15, seconds=0.3)
        if "scale" in parts:  # last: it cuts the table into partitions
            print("Many machines …", file=sys.stderr)
            found.scale = scale.measure(place, seconds=2.0)
    if "harness" in parts:
        print("The harness …", file=sys.stderr)
        found.harness = harness.measure()
    if "tool" in parts:
        print("The tool …", file=sys.stderr)
        found.tool = tool.measure(tool.SIZES)
        if options.peers:
            found.tool += tool.measure_peers()
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
