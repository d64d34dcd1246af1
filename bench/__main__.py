"""Measure: `nox -s bench`. The figures are for reading; only what could not be measured fails."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import growth, harness, results, scale, serving, tool
from bench.load import LoadError
from bench.machine import describe
from bench.results import Results
from bench.testbed import ROOT, open_testbed
from steps.errors import TargetError
from steps.process.child import end_with_parent

FAILURES = (LoadError, TargetError, RuntimeError, subprocess.SubprocessError)
OUTPUT = ROOT / "build" / "bench"
PARTS = ("serving", "growth", "scale", "harness", "tool")


def main(arguments: list[str]) -> int:
    """Run the parts asked for and write the results. Returns 2 if a part could not be measured."""
    end_with_parent()
    os.chdir(ROOT)
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--short", action="store_true", help="serving alone, in two minutes")
    parser.add_argument("--full", action="store_true", help="also 10,000,000 tasks")
    parser.add_argument("--peers", action="store_true", help="also other tools, from PyPI")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument(
        "--remember", action="store_true", help="add a line to the history (of a whole run)"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder (build/bench)")
    options = parser.parse_args(arguments)
    parts = [options.only] if options.only else ["serving"] if options.short else list(PARTS)
    found, failed = Results({}), list[str]()
    try:
        measure(parts, options, found, failed)
    except FAILURES as error:
        failed.append(str(error))
    except KeyboardInterrupt:
        failed.append("interrupted")
    if found.parts:
        files = results.write(found, options.output)
        print("\n".join(results.markdown(found)))
        for sentence in results.compare(found):
            print(f"Worse than the last time: {sentence}")
        if options.remember and not failed and not options.short:
            results.remember(found)
        print(f"\nWritten: {', '.join(str(file) for file in files)}")
    for sentence in failed:
        print(f"Not measured: {sentence}", file=sys.stderr)
    return 2 if failed else 0


def measure(
    parts: list[str], options: argparse.Namespace, found: Results, failed: list[str]
) -> None:
    """Measure the parts one after the other: they would slow one another down.

    Each result is put into `found` at once. A part that fails is named in `failed`, and the others
    are measured all the same.
    """

    @contextmanager
    def part(name: str) -> Iterator[None]:
        print(f"{name} …", file=sys.stderr)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are not lost
            kind = "" if isinstance(error, FAILURES) else f"{type(error).__name__}: "
            failed.append(f"{name.lower()}: {kind}{error}")

    with open_testbed() as testbed:
        found.machine = describe(testbed.database.version)
        if "serving" in parts:
            with part("Serving"):
                slices = 4 if options.short else 12
                found.serving = serving.measure(testbed, slices=slices, seconds=0.5)
        if "growth" in parts:
            with part("Growth"):
                found.listings = growth.measure_lists(testbed)
                found.table_sizes = growth.measure(
                    testbed, largest=options.full, rounds=15, seconds=0.3
                )
        if "scale" in parts:  # last: it cuts the table into partitions
            with part("Many machines"):
                found.scale = scale.measure(testbed, seconds=2.0)
    if "harness" in parts:
        with part("The harness"):
            found.harness = harness.measure()
    if "tool" in parts:
        with part("The tool"):
            found.tool = tool.measure(tool.SIZES)
            if options.peers:
                found.tool += tool.measure_peers()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
