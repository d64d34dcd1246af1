"""The reference server is held to the clarifications; another one only where it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from steps.run.acceptance import report_arguments
from steps.run.acceptance_options import ROOT, parse
from steps.target.description.read import read

REFERENCE = str(ROOT / "targets" / "reference.toml")


@pytest.mark.parametrize(
    ("arguments", "strict"),
    [
        ([], True),
        (["--target", REFERENCE], True),
        (["--target", "{foreign}"], False),
        (["--target", "{foreign}", "--strict"], True),
    ],
)
def test_who_is_held_to_the_clarifications(
    tmp_path: Path, arguments: list[str], strict: bool
) -> None:
    foreign = tmp_path / "foreign.toml"
    foreign.write_text('[server]\ncommand = ["true", "{port}"]\n', "utf-8")
    options = parse([one.replace("{foreign}", str(foreign)) for one in arguments])
    assert options.strict is strict
    report = report_arguments(options, read(options.target_file), Path("e"), all_passed=False)
    assert ("--strict" in report) is strict
    assert options.pytest_options == []
