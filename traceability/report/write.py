"""Writes every report of one matrix."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from traceability.matrix.difference import Difference, compute_difference
from traceability.matrix.read import Run, parse_matrix
from traceability.matrix.write import json_parts
from traceability.model import Matrix
from traceability.report import difference as difference_reports
from traceability.report import junit, markdown
from traceability.report.page import render as page

PAGE, MARKDOWN, JSON, JUNIT = "index.html", "matrix.md", "matrix.json", "junit.xml"


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
    output.mkdir(parents=True, exist_ok=True)
    document = _draft(output / JSON, json_parts(matrix))
    diff = None if base is None else since(base, document.read_bytes(), output / JSON)
    location = (folder / MARKDOWN).as_posix()
    link = markdown.linker(matrix, location)
    changes = "" if diff is None else difference_reports.markdown(diff, link)
    drafts = {
        PAGE: _draft(output / PAGE, page.parts(matrix, diff)),
        MARKDOWN: _draft(output / MARKDOWN, [markdown.render(matrix, location, changes)]),
        JSON: document,
        JUNIT: _draft(output / JUNIT, [junit.render(matrix)]),
    }
    return [draft.replace(output / name) for name, draft in drafts.items()]


def _draft(place: Path, pieces: Iterable[str]) -> Path:
    """Write beside the place: whoever is killed meanwhile leaves the old report, never a half."""
    draft = place.with_name(f".{place.name}.new")
    with draft.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)
    return draft


def since(base: Run, document: bytes, file: Path) -> Difference:
    """Return what the matrix.json `document` has otherwise than `base`."""
    return compute_difference(base, parse_matrix(document, file))
