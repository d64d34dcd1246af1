"""Writes every report of one matrix."""

from __future__ import annotations

from pathlib import Path

from traceability import difference, difference_reports, jsonfile, junit, markdown, matrixfile, page
from traceability.difference import Difference
from traceability.matrixfile import Run
from traceability.model import Matrix

PAGE = "index.html"


def write_reports(
    matrix: Matrix, output: Path, root: Path | None = None, base: Run | None = None
) -> list[Path]:
    """Write page, Markdown, JSON and JUnit into the folder `output`, and return the files.

    With `root`, the folder of the project, the links of the Markdown lead from `output`. With
    `base`, the page and the Markdown say what has changed since that run.
    """
    folder = Path("build/traceability")
    if root is not None and output.resolve().is_relative_to(root.resolve()):
        folder = output.resolve().relative_to(root.resolve())
    document = jsonfile.render(matrix)
    diff = None if base is None else since(base, document, output / "matrix.json")
    location = (folder / "matrix.md").as_posix()
    link = markdown.linker(matrix, location)
    changes = "" if diff is None else difference_reports.markdown(diff, link)
    texts = {
        PAGE: page.render(matrix, diff),
        "matrix.md": markdown.render(matrix, location, changes),
        "matrix.json": document,
        "junit.xml": junit.render(matrix),
    }
    output.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        # Beside its place first: whoever is killed meanwhile leaves the old one, never a half.
        new = output / f".{name}.new"
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(output / name)
    return [output / name for name in texts]


def since(base: Run, document: str, file: Path) -> Difference:
    """Return what the matrix.json `document` has otherwise than `base`."""
    return difference.difference(base, matrixfile.parse(document.encode(), file))
