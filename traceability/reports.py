"""Writes every report of one matrix."""

from __future__ import annotations

from pathlib import Path

from traceability import jsonfile, junit, markdown, page
from traceability.model import Matrix

PAGE = "index.html"


def write_reports(matrix: Matrix, output: Path, root: Path | None = None) -> list[Path]:
    """Write page, Markdown, JSON and JUnit into the folder `output`, and return the files.

    With `root`, the folder of the project, the links of the Markdown lead from `output`.
    """
    folder = Path("build/traceability")
    if root is not None and output.resolve().is_relative_to(root.resolve()):
        folder = output.resolve().relative_to(root.resolve())
    texts = {
        PAGE: page.render(matrix),
        "matrix.md": markdown.render(matrix, (folder / "matrix.md").as_posix()),
        "matrix.json": jsonfile.render(matrix),
        "junit.xml": junit.render(matrix),
    }
    output.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        # Beside its place first: whoever is killed meanwhile leaves the old one, never a half.
        new = output / f".{name}.new"
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(output / name)
    return [output / name for name in texts]
