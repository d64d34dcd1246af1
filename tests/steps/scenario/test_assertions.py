"""Steps fail by expectations: an `assert` would say what it says in the words of its code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

STEPS = Path(__file__).parents[3] / "steps"
MODULES = sorted(
    file
    for folder in ("definitions", "scenario", "http")
    for file in (STEPS / folder).rglob("*.py")
)


@pytest.mark.parametrize("module", MODULES, ids=lambda file: str(file.relative_to(STEPS)))
def test_no_step_asserts_without_saying_what_it_expects(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    bare = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert not bare, f"{module.name}: say it by steps.http.expectations, lines {bare}"
    raised = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and "AssertionError" in ast.unparse(node)
    ]
    assert not raised, f"{module.name}: say it by steps.http.expectations, lines {raised}"
