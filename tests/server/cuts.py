"""Adds up what the full form of the cutting test wrote: `python -m tests.server.cuts`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

FOLDER = Path(__file__).parents[2] / "build" / "cuts"


class Cuts(TypedDict):
    """How often one operation's exchange was cut in one way, all of them right."""

    operation: str
    how: str
    loop: str
    cuts: int


def remember(found: Cuts, folder: Path = FOLDER) -> None:
    """Write a file of its own: tests may run beside one another."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join((found["operation"], found["how"], found["loop"]))
    (folder / f"{name}.json").write_text(json.dumps(found), "utf-8")


def table(found: Sequence[Cuts]) -> str:
    """Return a line for each way and event loop, and one for all."""
    ways = sorted({(one["how"], one["loop"]) for one in found})
    lines = []
    for how, loop in ways:
        own = [one["cuts"] for one in found if (one["how"], one["loop"]) == (how, loop)]
        lines.append(f"{how:8} {loop:10} {len(own)} operations {sum(own):7,} cuts")
    total = sum(one["cuts"] for one in found)
    operations = len({one["operation"] for one in found})
    return "\n".join([*lines, f"{'all':19} {operations} operations {total:7,} cuts"])


def main() -> int:
    """Print the table; 2 where nothing was cut."""
    found: list[Cuts] = [json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")]
    if not found:
        print("Nothing was cut: run nox -s cuts.", file=sys.stderr)
        return 2
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
