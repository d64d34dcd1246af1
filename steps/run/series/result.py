"""What a judging has come to: its counts, or why there was none; a file beside its reports."""

from __future__ import annotations

import functools
import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from steps.run.acceptance_options import ROOT
from traceability.project.config import load_config

MATRIX = "matrix.json"
RESULT = "judging.json"
FORMAT = 1
HARNESS = ("steps", "traceability", "features")
"""Folders of the code that judges."""
SENTENCES = ("The judging could not be done.", "Not judged:")
"""How a judging begins the sentence that says why it could not be done."""
REASON_LIMIT = 300
"""Characters of a reason that are kept; the console of the judging has the whole one."""


@dataclass(frozen=True)
class Result:
    """One judging, after its end."""

    status: int | None
    """Exit status: 0 and 1 are verdicts; None: it was never begun, or it was ended."""
    seconds: float = 0.0
    reason: str = ""
    """Why it was not judged, in a sentence; empty: it was."""
    counts: dict[str, int] = field(default_factory=dict)
    """The summary of its matrix, empty without a matrix."""
    conformant: bool = False
    digest: str = ""
    """Of what was judged, and by what: see `digest`."""

    @property
    def judged(self) -> bool:
        return self.status in {0, 1}


def read_matrix(folder: Path) -> tuple[dict[str, int], bool]:
    """Return the summary of the matrix in a folder, and whether the server is conformant.

    Without a matrix that can be read: nothing, and that it is not.
    """
    try:
        document: dict[str, Any] = json.loads((folder / MATRIX).read_text("utf-8"))
        summary = {str(name): int(count) for name, count in document["summary"].items()}
        return summary, bool(document["conformant"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}, False


def reason_in(console: str) -> str:
    """Return why a judging could not be done, from what it printed: one line of it."""
    lines = [line.strip() for line in console.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(SENTENCES)), lines[-1] if lines else "")
    for beginning in SENTENCES:
        said = said.removeprefix(beginning).strip()
    return said if len(said) <= REASON_LIMIT else f"{said[: REASON_LIMIT - 1]}…"


def write(result: Result, folder: Path) -> None:
    """Write a result beside its reports."""
    text = json.dumps({"format": FORMAT, **asdict(result)}, indent=1)
    (folder / RESULT).write_text(text + "\n", "utf-8")


def read_result(folder: Path) -> Result | None:
    """Return the result in a folder; None where there is none of this format."""
    try:
        values = json.loads((folder / RESULT).read_text("utf-8"))
        if values.pop("format") != FORMAT:
            return None
        return Result(**values)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None


def digest(file: Path, options: list[str]) -> str:
    """Return the digest of a target file, the options of its judging, the harness and the spec.

    An earlier result with the same digest was come to in the same way. The server's own files are
    not part of it: the target file does not say which they are.
    """
    content = file.read_bytes() if file.is_file() else b""
    return sha256(
        b"\0".join([json.dumps(options).encode(), content, _harness_digest()])
    ).hexdigest()


@functools.cache
def _harness_digest() -> bytes:
    """Return the digest of spec, features and all that judges by them."""
    config, found = load_config(ROOT), sha256()
    files = [*(ROOT / config.features).glob("**/*.feature"), ROOT / config.spec]
    files += [path for room in HARNESS for path in (ROOT / room).glob("**/*.py")]
    for path in sorted(files):
        found.update(sha256(path.read_bytes()).digest())
    return found.digest()
