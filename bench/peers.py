"""Other tools that trace requirements, and the same requirements in their formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.projects import sentence

PACKAGES = ("strictdoc", "sphinx", "sphinx-needs")


@dataclass(frozen=True)
class Peer:
    """A tool, how its set is written, and the command that publishes it."""

    name: str
    write: Callable[[Path, int], None]
    command: tuple[str, ...]


def strictdoc(folder: Path, size: int) -> None:
    """Write requirements, and tests that name them as their parents."""
    parts = ["[DOCUMENT]\nTITLE: A lending library\n"]
    for number in range(1, size + 1):
        parts.append(
            f"[REQUIREMENT]\nUID: FR-{number:05}\nTITLE: Copy {number}\n"
            f"STATEMENT: {sentence(number)}\n"
        )
    for number in range(1, size + 1):
        parts.append(
            f"[REQUIREMENT]\nUID: TEST-{number:05}\nTITLE: Copy {number} is lent\n"
            f"STATEMENT: Copy {number} is lent to a reader.\n"
            f"RELATIONS:\n- TYPE: Parent\n  VALUE: FR-{number:05}\n"
        )
    (folder / "library.sdoc").write_text("\n".join(parts), "utf-8")


def sphinx_needs(folder: Path, size: int) -> None:
    """Write needs of two types, the second linked to the first."""
    (folder / "conf.py").write_text(
        'project = "library"\nextensions = ["sphinx_needs"]\nneeds_id_regex = "^[A-Z0-9_]{5,}"\n',
        "utf-8",
    )
    parts = ["Library\n=======\n"]
    for number in range(1, size + 1):
        parts.append(
            f".. req:: Copy {number}\n   :id: FR_{number:05}\n\n   {sentence(number)}\n\n"
            f".. test:: Copy {number} is lent\n   :id: TEST_{number:05}\n"
            f"   :links: FR_{number:05}\n\n   Copy {number} is lent to a reader.\n"
        )
    (folder / "index.rst").write_text("\n".join(parts), "utf-8")


ALL = (
    Peer("StrictDoc", strictdoc, ("strictdoc", "export", ".", "--output-dir", "out")),
    Peer("sphinx-needs", sphinx_needs, ("sphinx-build", "-q", "-b", "html", ".", "out")),
)
