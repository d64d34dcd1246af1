"""Files matrix.json of runs of the small project, for tests that read several of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.traceability.shops import CAKE, MILK, Project
from traceability.matrix.read import Run, read_matrix
from traceability.matrix.write import render_json
from traceability.model import Result

REASON = "1 of 2 answers is not 200:\n  POST /1 -> 201 {}"


def write_matrix(shop: Project, name: str, target: object = None) -> Path:
    """Write the matrix of a run of the project as it is now, with `target` as its target."""
    traced = shop.matrix()
    environment = traced.environment | ({} if target is None else {"target": target})
    file = shop.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render_json(replace(traced, environment=environment)))
    return file


def run_of(shop: Project, name: str = "matrix.json", target: object = "oak") -> Run:
    return read_matrix(write_matrix(shop, name, target))


def edit_document(file: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Apply `change` to the JSON document in `file`."""
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    return file


def three_matrices(shop: Project, reason: str = REASON) -> list[Path]:
    """Write three runs: oak passes all, elm fails to sell cake, ash did not run one scenario."""
    files = [write_matrix(shop, "oak.json", "oak")]
    shop.results = {CAKE: (Result.FAILED, reason)}
    files.append(write_matrix(shop, "elm.json", "elm"))
    shop.results = {MILK: (Result.NOT_RUN, "target cannot milk")}
    files.append(write_matrix(shop, "ash.json", "ash"))
    return files
