"""The targets of the links in a Markdown document, relative to the folder that it is in."""

from __future__ import annotations

import functools
import posixpath
import re
from dataclasses import dataclass

from traceability.model import Matrix


@dataclass(frozen=True)
class Links:
    """Where the document stands and what its links lead to: they are relative to its folder."""

    folder: str
    """Folder of the document."""
    root: str
    """Folder of the project, from which the paths of spec and features start."""
    code_root: str
    """Folder from which the paths of the code start: that of the server under judgement."""
    code: frozenset[str]
    """Paths of the code."""

    @classmethod
    def of(cls, matrix: Matrix, location: str, root: str = "/", code_root: str = "") -> Links:
        """Return the links of a document at `location`, which may be relative to `root`."""
        folder = posixpath.join(root, posixpath.dirname(location))
        code = frozenset(file.source.path for file in matrix.files)
        return cls(folder, root, code_root or root, code)


@functools.cache  # thousands of links lead to a few files
def link_target(path: str, links: Links) -> str:
    """Return the target of a link to a file of spec, features or code, without a line."""
    start = links.code_root if path in links.code else links.root
    target = posixpath.relpath(posixpath.join(start, path), links.folder)
    target = re.sub(
        r"[^\w./~-]", lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), target
    )
    plain = "?plain=1" if path.endswith(".md") else ""  # rendered Markdown has no line numbers
    return f"{target}{plain}"
