"""Renders a comparison as one page, as Markdown, and in a few lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from traceability.matrix.compare import Cell, Comparison
from traceability.matrix.read import Run
from traceability.model import Result, Verdict
from traceability.report import sentences as wording
from traceability.report.markdown import inline
from traceability.report.page.render import STYLES, document
from traceability.report.terminal import cut, one_line

SCRIPTS = ("parts/dom.js", "parts/marks.js", "views/comparison.js")
PAGE, MARKDOWN = "comparison.html", "comparison.md"
IDS = 20
"""How many differing requirements a sentence names."""


def write(comparison: Comparison, output: Path) -> list[Path]:
    """Write page and Markdown into the folder `output`, and return the files."""
    output.mkdir(parents=True, exist_ok=True)
    texts = {PAGE: page(comparison), MARKDOWN: markdown(comparison)}
    for name, text in texts.items():
        (output / name).write_text(text, encoding="utf-8", newline="\n")
    return [output / name for name in texts]


def sentence(comparison: Comparison) -> str:
    """Return what the comparison comes to."""
    conformant = sum(run.conformant for run in comparison.runs)
    differing = len(comparison.differing)
    differ = f"they differ in {differing} of {wording.count(len(comparison.rows), 'requirement')}"
    if not differing:
        differ = f"they agree in all {wording.count(len(comparison.rows), 'requirement')}"
    return f"{conformant} of {len(comparison.runs)} implementations conformant; {differ}."


def totals(run: Run) -> tuple[str, str]:
    """Return `18 of 20 verified, 2 failed` and `scenarios: 40 of 44 run passed, ...`."""
    verdicts = run.verdicts
    parts = [f"{verdicts[Verdict.VERIFIED]} of {len(run.requirements)} verified"]
    parts += [
        f"{verdicts[one]} {one}" for one in Verdict if one is not Verdict.VERIFIED and verdicts[one]
    ]
    if run.findings:
        parts.append(wording.count(len(run.findings), "finding"))
    return ", ".join(parts), f"scenarios: {scenarios(run)}"


def scenarios(run: Run) -> str:
    """Return what became of a run's scenarios."""
    results = run.results
    tried = results[Result.PASSED] + results[Result.FAILED]
    return (
        f"{results[Result.PASSED]} of {tried} run passed, "
        f"{results[Result.FAILED]} failed, {results[Result.NOT_RUN]} not run"
    )


def terminal(comparison: Comparison, width: int = 80) -> str:
    """Return the totals, one implementation after the other, in lines of at most `width`."""
    lines = []
    for name, run in zip(comparison.names, comparison.runs, strict=True):
        said = "conformant" if run.conformant else "not conformant"
        lines.append(cut(f"{one_line(name)}: {said}", width))
        for part in totals(run):
            lines += wrap(part, width, initial_indent="  ", subsequent_indent="    ")
    lines += wrap(sentence(comparison), width)
    return "".join(f"{line}\n" for line in lines)


def markdown(comparison: Comparison) -> str:
    """Return the comparison as two tables: the totals, and requirement × implementation."""
    text = "\n".join(_markdown(comparison)) + "\n"
    return text.encode("utf-8", "replace").decode()  # a reason may hold a lone surrogate


def _markdown(comparison: Comparison) -> Iterator[str]:
    yield f"# {inline(comparison.title)}: {len(comparison.runs)} implementations compared"
    yield ""
    yield f"**{inline(sentence(comparison))}**{_which(comparison)}"
    yield ""
    columns = _columns(comparison)
    yield f"| implementation | conformant | {' | '.join(columns)} | findings | scenarios |"
    yield f"| --- | --- |{' ---: |' * len(columns)} ---: | --- |"
    for name, run in zip(comparison.names, comparison.runs, strict=True):
        counts = [str(run.verdicts[one]) for one in columns]
        said = "yes" if run.conformant else "**no**"
        cells = [inline(name), said, *counts, str(len(run.findings)), scenarios(run)]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield f"| id | requirement | {' | '.join(inline(name) for name in comparison.names)} |"
    yield f"| --- | --- |{' --- |' * len(comparison.names)}"
    for row in comparison.rows:
        id_ = f"**{inline(row.id)}** ≠" if row.differs else inline(row.id)
        cells = [id_, inline(row.text), *(_cell(cell) for cell in row.cells)]
        yield f"| {' | '.join(cells)} |"


def _which(comparison: Comparison) -> str:
    ids = [inline(row.id) for row in comparison.differing]
    if not ids:
        return ""
    more = f" and {len(ids) - IDS} more" if len(ids) > IDS else ""
    return f" Marked ≠ below: {', '.join(ids[:IDS])}{more}."


def _columns(comparison: Comparison) -> list[Verdict]:
    """Return the verdicts of the totals: always verified, of the others those that occur."""
    found = {cell.verdict for row in comparison.rows for cell in row.cells}
    return [Verdict.VERIFIED, *(v for v in Verdict if v in found and v is not Verdict.VERIFIED)]


def _cell(cell: Cell) -> str:
    proof = cell.proof
    fine = cell.verdict is Verdict.VERIFIED
    parts = [
        f"{cell.verdict if fine else f'**{cell.verdict}**'}: {inline(proof.reason)}",
        f"in {inline(proof.scenario)}" if proof.scenario else "",
        inline(f"`{proof.exchange.replace('`', '%60')}`") if proof.exchange else "",
    ]
    return "<br>".join(part for part in parts if part)


def page(comparison: Comparison) -> str:
    """Return the page: one file, nothing loaded."""
    title = f"{comparison.title}: {len(comparison.runs)} implementations compared"
    styles = (*STYLES, "styles/comparison.css")
    data = payload(comparison).items()
    return "".join(document(title, sentence(comparison), data, SCRIPTS, styles))


def payload(comparison: Comparison) -> dict[str, Any]:
    """Return what the page knows, as a value that JSON can hold."""
    return {
        "title": comparison.title,
        "sentence": sentence(comparison),
        "digests": [comparison.runs[0].spec_digest, comparison.runs[0].features_digest],
        "spec": comparison.runs[0].spec_path,
        "verdicts": [str(one) for one in _columns(comparison)],
        "kinds": wording.KINDS,
        "runs": [
            {
                "name": name,
                "conformant": run.conformant,
                "counts": {str(one): number for one, number in run.verdicts.items()},
                "scenarios": scenarios(run),
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
                "cells": [_values(cell) for cell in row.cells],
            }
            for row in comparison.rows
        ],
    }


def _values(cell: Cell) -> list[str]:
    proof = cell.proof
    return [str(cell.verdict), proof.reason, proof.scenario, proof.place, proof.exchange]
