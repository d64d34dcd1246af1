"""The table of broken servers: `faults.toml`, and the page of the documentation made from it.

`python tests/broken/table.py` writes the page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("faults.toml")
CONFORMING = Path(__file__).with_name("conforming.toml")
PAGE = ROOT / "docs" / "broken.md"
HEAD = """\
# Broken servers

A harness that never turns red shows nothing. So there is a small foreign server of the same
specification (`tests/broken/todo_api`: aiohttp, raw SQL, one login that owns its database), and a
variable `BREAK` that breaks it in one way, as real servers of this kind are broken. The unbroken
server is conformant. With each of the {count} faults below, the run turns exactly the requirements
red that stand beside it, exactly those differ that the last column names, because a clarification
alone is not kept, and all others stay verified.

    BREAK=list-wrapped   one fault, in `[server.env]` of a copy of `targets/foreign.toml`
    nox -s broken        judge the server once with each fault (about half a minute each)

This page is made from `faults.toml` and `conforming.toml` in `tests/broken` by
`python tests/broken/table.py`. The faults in bold are judged by `nox -s tests`, too.
"""
CONFORMING_HEAD = """\
## Conforming variants

A harness that turns red without reason shows nothing, either. The variable `VARY` lets the server
differ in ways that the specification leaves open; none of them turns a requirement red."""


@dataclass(frozen=True)
class Fault:
    """One way in which the foreign server can be broken."""

    name: str
    """Value of the variable BREAK."""
    area: str
    what: str
    """One sentence of Markdown."""
    red: tuple[str, ...]
    """Exactly the requirements that fail."""
    not_run: tuple[str, ...] = ()
    """Exactly the requirements that cannot be judged."""
    quick: bool = False
    """Whether it is judged in every test run."""
    target: str = ""
    """What the target file says besides, for a server that is broken in this way."""
    differs: tuple[str, ...] = ()
    """Exactly the requirements that differ from a clarification only."""
    reason: str = ""
    """What a scenario of one of these requirements says, beside other faults, too."""


@dataclass(frozen=True)
class Variant:
    """One way in which the foreign server can differ and still keep the specification."""

    name: str
    """Value of the variable VARY."""
    what: str
    """One sentence of Markdown."""
    target: str = ""
    """Lines for the table `[users]` of its target file."""
    not_run: tuple[str, ...] = ()
    """Exactly the requirements that cannot be judged."""
    differs: tuple[str, ...] = ()
    """Exactly the requirements that differ by a clarification alone."""


def read_conforming(path: Path = CONFORMING) -> tuple[Variant, ...]:
    """Return the conforming variants, in the order of the file."""
    rows = tomllib.loads(path.read_text("utf-8"))
    return tuple(
        Variant(
            name,
            row["what"],
            row.get("target", ""),
            tuple(row.get("not_run", ())),
            tuple(row.get("differs", ())),
        )
        for name, row in rows.items()
    )


def read(path: Path = TABLE) -> tuple[Fault, ...]:
    """Return the faults, in the order of the file."""
    rows = tomllib.loads(path.read_text("utf-8"))
    return tuple(
        Fault(
            name,
            row["area"],
            row["what"],
            tuple(row["red"]),
            tuple(row.get("not_run", ())),
            row.get("quick", False),
            row.get("target", ""),
            differs=tuple(row.get("differs", ())),
            reason=row.get("reason", ""),
        )
        for name, row in rows.items()
    )


def page(faults: Sequence[Fault], variants: Sequence[Variant] = ()) -> str:
    """Return the tables as Markdown: the faults by area, then the conforming variants."""
    lines = [HEAD.format(count=len(faults))]
    for area in dict.fromkeys(fault.area for fault in faults):
        lines += [f"## {area[0].upper()}{area[1:]}", ""]
        lines += ["| fault | what it does | turns red | differs |", "| --- | --- | --- | --- |"]
        for fault in faults:
            if fault.area == area:
                name = f"**`{fault.name}`**" if fault.quick else f"`{fault.name}`"
                ids = f"{', '.join(fault.red)} | {', '.join(fault.differs)}"
                lines.append(f"| {name} | {fault.what} | {ids} |")
        lines.append("")
    if variants:
        lines += [CONFORMING_HEAD, "", "| variant | what it does | differs | not run |"]
        lines += ["| --- | --- | --- | --- |"]
        for variant in variants:
            ids = f"{', '.join(variant.differs)} | {', '.join(variant.not_run)}"
            lines.append(f"| `{variant.name}` | {variant.what} | {ids} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(read(), read_conforming()), "utf-8")
