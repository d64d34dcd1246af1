"""Renders a comparison as one page, as Markdown, and in a few lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from traceability.matrix.compare import Cell, Comparison
from traceability.matrix.read import Run
from traceability.model import Result, Verdict
from traceability.report import sentences
from traceability.report.markdown import inline
from traceability.report.page.render import STYLES, document_pieces
from traceability.report.terminal import printable, shortened

SCRIPTS = ("parts/dom.js", "parts/labels.js", "views/comparison.js")
PAGE_FILE, MARKDOWN_FILE = "comparison.html", "comparison.md"
IDS_LISTED = 20
"""How many differing requirements the Markdown names in its first paragraph."""


def write_reports(comparison: Comparison, output: Path) -> list[Path]:
    """Write page and Markdown into the folder `output`, and return the files."""
    output.mkdir(parents=True, exist_ok=True)
    texts = {PAGE_FILE: render_page(comparison), MARKDOWN_FILE: render_markdown(comparison)}
    for name, text in texts.items():
        (output / name).write_text(text, encoding="utf-8", newline="\n")
    return [output / name for name in texts]


def sentence(comparison: Comparison) -> str:
    """Return the comparison in one sentence."""
    conformant = sum(run.conformant for run in comparison.runs)
    differing = len(comparison.differing)
    requirements = sentences.plural(len(comparison.rows), "requirement")
    agreement = f"they differ in {differing} of {requirements}"
    if not differing:
        agreement = f"they agree in all {requirements}"
    return f"{conformant} of {len(comparison.runs)} implementations conformant; {agreement}."


def totals(run: Run) -> tuple[str, str]:
    """Return `18 of 20 verified, 2 failed` and `scenarios: 40 of 44 run passed, ...`."""
    verdicts = run.verdicts
    parts = [f"{verdicts[Verdict.VERIFIED]} of {len(run.requirements)} verified"]
    parts += [
        f"{verdicts[one]} {one}" for one in Verdict if one is not Verdict.VERIFIED and verdicts[one]
    ]
    if run.findings:
        parts.append(sentences.plural(len(run.findings), "finding"))
    return ", ".join(parts), f"scenarios: {scenario_counts(run)}"


def scenario_counts(run: Run) -> str:
    """Return how many scenarios of a run passed, failed and did not run."""
    results = run.results
    run_count = results[Result.PASSED] + results[Result.FAILED]
    return (
        f"{results[Result.PASSED]} of {run_count} run passed, "
        f"{results[Result.FAILED]} failed, {results[Result.NOT_RUN]} not run"
    )


def render_terminal(comparison: Comparison, width: int = 80) -> str:
    """Return the totals, one implementation after the other, in lines of at most `width`."""
    lines = []
    for name, run in zip(comparison.names, comparison.runs, strict=True):
        conformance = "conformant" if run.conformant else "not conformant"
        lines.append(shortened(f"{printable(name)}: {conformance}", width))
        for part in totals(run):
            lines += wrap(part, width, initial_indent="  ", subsequent_indent="    ")
    lines += wrap(sentence(comparison), width)
    return "".join(f"{line}\n" for line in lines)


def render_markdown(comparison: Comparison) -> str:
    """Return the comparison as two tables: the totals, and requirement × implementation."""
    text = "\n".join(_markdown_lines(comparison)) + "\n"
    return text.encode("utf-8", "replace").decode()  # a reason may hold a lone surrogate


def _markdown_lines(comparison: Comparison) -> Iterator[str]:
    yield f"# {inline(comparison.title)}: {len(comparison.runs)} implementations compared"
    yield ""
    yield f"**{inline(sentence(comparison))}**{_differing_ids(comparison)}"
    yield ""
    columns = _verdict_columns(comparison)
    yield f"| implementation | conformant | {' | '.join(columns)} | findings | scenarios |"
    yield f"| --- | --- |{' ---: |' * len(columns)} ---: | --- |"
    for name, run in zip(comparison.names, comparison.runs, strict=True):
        counts = [str(run.verdicts[one]) for one in columns]
        conformance = "yes" if run.conformant else "**no**"
        cells = [inline(name), conformance, *counts, str(len(run.findings)), scenario_counts(run)]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield f"| id | requirement | {' | '.join(inline(name) for name in comparison.names)} |"
    yield f"| --- | --- |{' --- |' * len(comparison.names)}"
    for row in comparison.rows:
        id_ = f"**{inline(row.id)}** ≠" if row.differs else inline(row.id)
        cells = [id_, inline(row.text), *(_cell_markdown(cell) for cell in row.cells)]
        yield f"| {' | '.join(cells)} |"


def _differing_ids(comparison: Comparison) -> str:
    ids = [inline(row.id) for row in comparison.differing]
    if not ids:
        return ""
    more = f" and {len(ids) - IDS_LISTED} more" if len(ids) > IDS_LISTED else ""
    return f" Marked ≠ below: {', '.join(ids[:IDS_LISTED])}{more}."


def _verdict_columns(comparison: Comparison) -> list[Verdict]:
    """Return the verdicts of the totals: always verified, of the others those that occur."""
    found = {cell.verdict for row in comparison.rows for cell in row.cells}
    return [Verdict.VERIFIED, *(v for v in Verdict if v in found and v is not Verdict.VERIFIED)]


def _cell_markdown(cell: Cell) -> str:
    proof = cell.proof
    verified = cell.verdict is Verdict.VERIFIED
    parts = [
        f"{cell.verdict if verified else f'**{cell.verdict}**'}: {inline(proof.reason)}",
        f"in {inline(proof.scenario)}" if proof.scenario else "",
        inline(f"`{proof.exchange.replace('`', '%60')}`") if proof.exchange else "",
    ]
    return "<br>".join(part for part in parts if part)


def render_page(comparison: Comparison) -> str:
    """Return the page: one file, nothing loaded."""
    title = f"{comparison.title}: {len(comparison.runs)} implementations compared"
    styles = (*STYLES, "styles/comparison.css")
    data = payload(comparison).items()
    return "".join(document_pieces(title, sentence(comparison), data, SCRIPTS, styles))


def payload(comparison: Comparison) -> dict[str, Any]:
    """Return the data of the page, as a value that JSON can hold."""
    return {
        "title": comparison.title,
        "sentence": sentence(comparison),
        "digests": [comparison.runs[0].spec_digest, comparison.runs[0].features_digest],
        "spec": comparison.runs[0].spec_path,
        "verdicts": [str(one) for one in _verdict_columns(comparison)],
        "kinds": sentences.KIND_NAMES,
        "runs": [
            {
                "name": name,
                "conformant": run.conformant,
                "counts": {str(one): number for one, number in run.verdicts.items()},
                "scenarios": scenario_counts(run),
                "findings": len(run.findings),
                "environment": run.environment,
            }
            for name, run in zip(comparison.names, comparison.runs, strict=True)
        ],
        "rows": [
            {
                "id": row.id,
                "kind": row.kind,
                "text": row.text,
                "differs": row.differs,
                "cells": [_cell_values(cell) for cell in row.cells],
            }
            for row in comparison.rows
        ],
    }


def _cell_values(cell: Cell) -> list[str]:
    proof = cell.proof
    return [str(cell.verdict), proof.reason, proof.scenario, proof.place, proof.exchange]
