"""The code of the server under judgement, from the options of `check` and `report`."""

from __future__ import annotations

import argparse
from pathlib import Path

from traceability.model import TraceabilityError
from traceability.project.read import ForeignSources


def judged_code(options: argparse.Namespace) -> ForeignSources | None:
    """Return the code that is judged; None if it is the project's own.

    Raises TraceabilityError when a path of `--code` does not exist, or has no `--code-root`.
    """
    if options.code and options.code_root is None:
        raise TraceabilityError("--code needs --code-root: the folder that the paths start from")
    if options.code_root is None:
        return ForeignSources(Path()) if options.without_code else None
    root = options.code_root.resolve()
    for path in options.code:
        if not (root / path).exists():
            raise TraceabilityError(f"--code {path}: there is no such file or folder in {root}")
    return ForeignSources(root, tuple(options.code))
