"""The matrix.json of runs of the mini project, under different names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.traceability.shops import CAKE, MILK, Project
from traceability.matrix import write as jsonfile
from traceability.matrix.read import Run, read
from traceability.model import Result

REASON = "1 of 2 answers is not 200:\n  POST /1 -> 201 {}"


def matrix_file(shop: Project, name: str, target: object = None) -> Path:
    """Write the matrix of a run of the project as it stands now, as one of `target`."""
    traced = shop.matrix()
    environment = traced.environment | ({} if target is None else {"target": target})
    file = shop.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(jsonfile.render(replace(traced, environment=environment)))
    return file


def run(shop: Project, name: str = "matrix.json", target: object = "oak") -> Run:
    return read(matrix_file(shop, name, target))


def changed(file: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change what a file holds, by hand."""
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    return file


def three(shop: Project, reason: str = REASON) -> list[Path]:
    """Oak does all, elm sells no cake, ash was not run everywhere."""
    files = [matrix_file(shop, "oak.json", "oak")]
    shop.results = {CAKE: (Result.FAILED, reason)}
    files.append(matrix_file(shop, "elm.json", "elm"))
    shop.results = {MILK: (Result.NOT_RUN, "target cannot milk")}
    files.append(matrix_file(shop, "ash.json", "ash"))
    return files
