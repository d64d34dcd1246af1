"""A server of another layout is judged through its target file: what differs is red once, and all
the rest is judged as of any other server.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from steps.process.ports import free_port
from steps.target.description.read import read
from tests.broken.conftest import Judge, broken_target
from tests.broken.layouts import Layout, read_layouts
from tests.broken.table import ROOT
from traceability.project.config import load_config
from traceability.project.spec import read_spec

SOURCE = Path(__file__).with_name("todo_api")


@pytest.mark.judging
def test_a_server_of_another_layout_is_judged_for_all_the_rest(
    layout: Layout, judge: Judge, whole: bool
) -> None:
    text = layout.target_file(broken_target(""), free_port())
    judgement = judge("", whole=whole, text=text)
    assert judgement.having("failed") == sorted(layout.red), judgement.output
    if whole:  # the short form leaves scenarios out on purpose
        assert judgement.having("not run") == sorted(layout.not_run), judgement.reasons
    failed = [name for name, result in judgement.results.items() if result == "failed"]
    reasons = {judgement.reasons[name] for name in failed}
    assert any(layout.reason in reason for reason in reasons or {""}), reasons


@pytest.mark.parametrize("row", read_layouts(), ids=lambda row: row.name)
def test_every_layout_has_a_target_file_and_requirements_of_the_spec(
    row: Layout, tmp_path: Path
) -> None:
    path = tmp_path / "target.toml"
    path.write_text(row.target_file(broken_target(""), 1), "utf-8")
    assert read(path).server.env["LAYOUT"] == row.name
    known = {one.id for one in read_spec(load_config(ROOT).spec, ROOT).requirements}
    assert {*row.red, *row.not_run} <= known
    assert bool(row.reason) == bool(row.red)


def test_every_layout_has_its_switch_and_every_switch_its_layout() -> None:
    text = "\n".join(path.read_text("utf-8") for path in sorted(SOURCE.glob("*.py")))
    assert set(re.findall(r'laid_out\("([\w-]+)"\)', text)) == {row.name for row in read_layouts()}
