"""Writes every report of one matrix."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from traceability.matrix import write
from traceability.matrix.difference import Difference, compute_difference
from traceability.matrix.read import Run, parse_matrix
from traceability.model import Matrix
from traceability.report import junit, markdown
from traceability.report.changes import render_markdown
from traceability.report.page.render import page_pieces

PAGE_FILE = "index.html"
MARKDOWN_FILE = "matrix.md"
JSON_FILE = "matrix.json"
JUNIT_FILE = "junit.xml"


def write_reports(
    matrix: Matrix,
    output: Path,
    root: Path | None = None,
    base: Run | None = None,
    code_root: Path | None = None,
) -> list[Path]:
    """Write page, Markdown, JSON and JUnit into the folder `output`, and return the files.

    With `root`, the folder of the project, the links of the Markdown are relative to `output`,
    wherever that is; `code_root` is the folder of the judged code, if it is another. With `base`,
    page and Markdown have the changes since that run.
    """
    top, code_top, folder = "/", "", Path("/build/traceability")
    if root is not None:
        top, folder = root.resolve().as_posix(), output.resolve()
        code_top = code_root.resolve().as_posix() if code_root else ""
    output.mkdir(parents=True, exist_ok=True)
    document = _draft(output / JSON_FILE, write.json_parts(matrix))
    diff = None if base is None else changes_since(base, document.read_bytes(), output / JSON_FILE)
    location = (folder / MARKDOWN_FILE).as_posix()
    link = markdown.requirement_linker(matrix, location, top)
    changes = "" if diff is None else render_markdown(diff, link)
    text = markdown.render(matrix, location, changes, top, code_top)
    drafts = {
        PAGE_FILE: _draft(output / PAGE_FILE, page_pieces(matrix, diff)),
        MARKDOWN_FILE: _draft(output / MARKDOWN_FILE, [text]),
        JSON_FILE: document,
        JUNIT_FILE: _draft(output / JUNIT_FILE, [junit.render(matrix)]),
    }
    return [draft.replace(output / name) for name, draft in drafts.items()]


def _draft(file: Path, pieces: Iterable[str]) -> Path:
    """Write a file beside the report, so that a process killed meanwhile leaves the old report."""
    draft = file.with_name(f".{file.name}.new")
    with draft.open("w", encoding="utf-8", newline="\n") as opened:
        opened.writelines(pieces)
    return draft


def changes_since(base: Run, document: bytes, file: Path) -> Difference:
    """Return the difference between `base` and the matrix.json `document`.

    Raises MatrixFileError, which names `file`, when the document cannot be read.
    """
    return compute_difference(base, parse_matrix(document, file))
